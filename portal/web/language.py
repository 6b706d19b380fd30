"""The language of this request, as workers are told it."""

from django.utils.translation import get_language


def language() -> str:
    """Return a BCP 47 tag."""
    return get_language() or "en"
