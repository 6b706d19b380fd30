"""Remembering when background work was done."""

from portal.web.models import Chore


def record_chore(chore: str) -> None:
    """Note that a piece of background work was done now."""
    Chore.objects.update_or_create(name=chore)
