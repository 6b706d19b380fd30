"""One's own ways to prove it: sign in, see, rename, remove; adding stands with each method."""
