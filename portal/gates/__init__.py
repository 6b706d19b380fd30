"""Which proofs each operation needs, and how far an attempt has got."""
