"""Records when background work was done."""

from portal.web.models import Chore


def record_chore(chore: str) -> None:
    """Record that a piece of background work was done now."""
    Chore.objects.update_or_create(name=chore)
