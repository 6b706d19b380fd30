"""Finds what the portal lacks to serve people, for load balancers and monitoring."""

import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock

from django.db import DatabaseError, connection

from portal.dispatch.broker import BrokerAway
from portal.dispatch.queries import has_live_worker
from portal.dispatch.workers import known_workers

FRESH = 1.0
_NOBODY = ("probe", "probe")  # the portal's Redis account may read this key, whatever site is paired


class Missing(StrEnum):
    """What is missing, in one word that tells a stranger nothing more."""

    DATABASE = "database"
    REDIS = "redis"
    WORKER = "worker"


class Readiness:
    """Checks at most once a second, and in one request at a time.

    While a check hangs, other requests get the result of the check before.

    Args:
        monotonic: a clock.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: tuple[Missing, ...] | None = None
        self._seen_at = float("-inf")
        self._lock = Lock()

    def missing(self) -> tuple[Missing, ...]:
        """Return what is missing; empty if people can be served."""
        if self._is_fresh() or not self._lock.acquire(blocking=self._seen is None):
            return self._seen or ()
        try:
            if not self._is_fresh():
                self._seen = _look()
                self._seen_at = self._monotonic()
            return self._seen or ()
        finally:
            self._lock.release()

    def _is_fresh(self) -> bool:
        return self._monotonic() - self._seen_at < FRESH


def _look() -> tuple[Missing, ...]:
    found = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        found.append(Missing.DATABASE)
    try:
        known_workers().broker.heartbeats([_NOBODY])
    except BrokerAway:
        found.append(Missing.REDIS)
    return tuple(found) or _look_for_worker()


def _look_for_worker() -> tuple[Missing, ...]:
    try:
        return () if has_live_worker() else (Missing.WORKER,)
    except DatabaseError:  # the database answers, but has no tables yet
        return (Missing.DATABASE,)
