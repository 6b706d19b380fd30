"""The portal's audit: append-only and hash-chained; it knows no app but web."""
