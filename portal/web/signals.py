"""What the web layer tells to apps above it."""

from django.dispatch import Signal

turned_away = Signal()
"""Somebody was told to come back later; sent with the `request`, `what` is used up, and whose (`scope`)."""

code_refused = Signal()
"""Somebody knows the password of an admin (`user`) and not the code; sent with the `request`."""
