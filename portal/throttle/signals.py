"""What the door tells to apps above it."""

from django.dispatch import Signal

turned_away = Signal()
"""Somebody was told to come back later; sent with the `request`, `what` is used up, and whose (`scope`)."""
