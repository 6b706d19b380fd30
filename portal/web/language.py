"""The language of the request, which workers use for their mails."""

from django.utils.translation import get_language

from writeback.envelope.jobs import FALLBACK_LOCALE


def language() -> str:
    """Return the language of the current request as a BCP 47 tag."""
    return get_language() or FALLBACK_LOCALE
