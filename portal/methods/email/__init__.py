"""A code by mail."""
