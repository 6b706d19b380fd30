"""What happened, append-only and hash-chained. Knows no app but web."""
