"""Reads shares and known places without taking anything."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.throttle.models import Familiar, Share
from portal.throttle.rules import Level, Used, pressure_on


def share_key(level: Level) -> str:
    """Return the key of a level's row."""
    return _hash("share", f"{level.kind}:{level.scope}:{level.key}")


def familiar_key(purpose: str, place: str) -> str:
    """Return the key of the row for a place that is known for a purpose."""
    return _hash("familiar", f"{purpose}\n{place}")


def lock_key(text: str) -> str:
    """Return the key of the row for an account and a kind of place."""
    return _hash("lock", text)


def read(levels: Sequence[Level], rows: Iterable[Share]) -> list[Used]:
    """Return each level with the use in its row; without a row nothing was used."""
    cells = {row.key: row.cells for row in rows}
    return [Used(level=level, cells=cells.get(share_key(level), [])) for level in levels]


def pressure(levels: Sequence[Level]) -> float | None:
    """Return how hard a challenge would have to be now (see rules.pressure_on)."""
    rows = Share.objects.filter(key__in=[share_key(level) for level in levels])
    return pressure_on(read(levels, rows), timezone.now().timestamp())


def is_known(purpose: str, *places: str) -> bool:
    """Tell whether one of these places is known for a purpose."""
    keys = [familiar_key(purpose, place) for place in places if place]
    return bool(keys) and Familiar.objects.filter(key__in=keys, until__gt=timezone.now()).exists()


def _hash(kind: str, text: str) -> str:
    return salted_hmac(f"portal.throttle.{kind}", text, algorithm="sha256").hexdigest()
