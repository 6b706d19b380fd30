"""Pages of docs/reference that are made out of the code."""
