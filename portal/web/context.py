"""What every template knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """Return the organisation's name and where to ask for help."""
    return {"organisation": settings.KEYBACK_ORGANISATION, "contact": settings.KEYBACK_CONTACT}
