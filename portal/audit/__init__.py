"""The portal's audit: append-only and hash-chained. Of the other apps it uses web only."""
