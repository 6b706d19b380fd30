"""What the web layer tells to apps above it."""

from django.dispatch import Signal

code_refused = Signal()
"""Somebody knows the password of an admin (`user`) and not the code; sent with the `request`."""
