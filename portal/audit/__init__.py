"""What happened, append-only and hash-chained. Knows no other app."""
