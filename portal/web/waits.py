"""Waiting times in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def say_wait(seconds: int) -> str:
    """Return a sentence such as "Wait 40 seconds."."""
    return _("Wait %(time)s.") % {"time": say_span(seconds)}


def say_span(seconds: int) -> str:
    """Return a span of time in the unit that reads best: "40 seconds", "2 minutes", "3 hours"."""
    if seconds < 90:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    if minutes < 90:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
