"""The product: reset, unlock, change, and one's own ways to prove it."""
