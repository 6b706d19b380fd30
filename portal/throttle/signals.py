"""The signal of the door to apps above it."""

from django.dispatch import Signal

turned_away = Signal()
"""A browser was told to come back later.

Arguments: the `request`; `what` kind of share is used up; and the `scope`, which is the owner of that share.
"""
