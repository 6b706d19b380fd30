"""How often is too often (pure)."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Rate(NamedTuple):
    """So many in so many seconds, over a sliding window."""

    limit: int
    seconds: int


def wait_for(taken: Sequence[float], rates: Sequence[Rate], now: float) -> int:
    """Return the whole seconds until one more is allowed by every rate; 0 if it is allowed now.

    Args:
        taken: Unix times of what was taken before, oldest first.
        rates: all of them must allow it.
        now: Unix time.
    """
    waits = [0]
    for rate in rates:
        # What seems to lie ahead counts too: clocks differ and are set back, and a limit must hold anyway.
        recent = [at for at in taken if now - rate.seconds < at]
        if len(recent) >= rate.limit:
            waits.append(math.ceil(min(recent[-rate.limit], now) + rate.seconds - now))
    return max(waits)


def keep_recent(taken: Sequence[float], rates: Sequence[Rate], now: float) -> list[float]:
    """Return what still counts for the longest of the rates."""
    longest = max(rate.seconds for rate in rates)
    return [at for at in taken if now - longest < at]
