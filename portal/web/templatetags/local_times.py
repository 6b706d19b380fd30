"""The template filter for times on the admin's pages."""

from datetime import datetime

from django import template

from portal.web import local_times

register = template.Library()


@register.filter
def to_second(instant: datetime | None) -> str:
    """Return a time to the second, with its zone."""
    return local_times.to_second(instant)
