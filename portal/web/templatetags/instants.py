"""Instants in the pages of admins."""

from datetime import datetime

from django import template

from portal.web import instants

register = template.Library()


@register.filter
def exact(instant: datetime | None) -> str:
    """Return an instant to the second, with its zone."""
    return instants.exact(instant)
