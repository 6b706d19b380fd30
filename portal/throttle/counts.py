"""Counting what may happen only so often, each time in one short transaction."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.throttle.models import Throttle
from portal.throttle.rates import Rate, keep_recent, wait_for
from portal.web.queries import find_one

# Keys in databases are hashed under this name, whatever this module is called.
_SALT = "portal.web.throttle"


def take(bucket: str, key: str, *, rates: Sequence[Rate]) -> int:
    """Count one if every rate allows it.

    Args:
        bucket: what is counted.
        key: for whom; stored only as a keyed hash.
        rates: all of them must allow it.

    Returns:
        0 if it was counted, else the seconds to wait.
    """
    with transaction.atomic():
        row = _lock_row(bucket, key)
        now = timezone.now().timestamp()
        wait = wait_for(row.taken, rates, now)
        if not wait:
            row.taken = [*keep_recent(row.taken, rates, now), now]
            row.save(update_fields=["taken", "updated"])
    return wait


def wait_of(bucket: str, key: str, *, rates: Sequence[Rate]) -> int:
    """Return the seconds until one more may be taken; 0 for now. Nothing is counted."""
    row = Throttle.objects.filter(bucket=bucket, key=_hash(key)).first()
    return wait_for(row.taken, rates, timezone.now().timestamp()) if row else 0


def give_back(bucket: str, key: str) -> None:
    """Take one back that was counted ahead and turned out well."""
    with transaction.atomic():
        row = _lock_row(bucket, key)
        row.taken = row.taken[:-1]
        row.save(update_fields=["taken", "updated"])


def forget_old_throttles() -> int:
    """Delete the counters that nobody touched for two days; return how many went."""
    old = Throttle.objects.filter(updated__lt=timezone.now() - timedelta(days=2))
    return old.delete()[0]


def _hash(key: str) -> str:
    return salted_hmac(_SALT, key, algorithm="sha256").hexdigest()


def _lock_row(bucket: str, key: str) -> Throttle:
    hashed = _hash(key)
    mine = Throttle.objects.select_for_update().filter(bucket=bucket, key=hashed)
    row = find_one(mine)
    if row is None:
        Throttle.objects.bulk_create([Throttle(bucket=bucket, key=hashed)], ignore_conflicts=True)
        row = mine.get()
    return row
