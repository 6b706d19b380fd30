"""Instants for admins: to the second, and with the zone that they are told in."""

from datetime import datetime

from django.utils import timezone


def exact(instant: datetime | None) -> str:
    """Return "2026-11-21 01:23:45 UTC" in the zone of the settings; empty for no instant."""
    if instant is None:
        return ""
    local = timezone.localtime(instant)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"
