"""The only door to the workers."""
