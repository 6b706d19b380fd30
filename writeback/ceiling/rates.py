"""Durations and rates in settings: "15m", "5/1h"."""

import re
from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(\d{1,6})([smhd])", re.ASCII)
_RATE = re.compile(r"(\d{1,6})/(\d{0,6})([smhd])", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most `count` in any `seconds`."""

    count: int
    seconds: int


def parse_duration(text: str) -> int:
    """Return the whole seconds of "90s", "15m", "24h" or "7d".

    Raises:
        ValueError: the text is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a duration; write a number and s, m, h or d, such as "15m"')
    return int(match[1]) * _UNITS[match[2]]


def parse_rate(text: str) -> Rate:
    """Return the rate of "5/1h" or "60/m".

    Raises:
        ValueError: the text is not a rate, or contains a zero.
    """
    match = _RATE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a rate; write a number, a slash and a duration, such as "5/1h"')
    rate = Rate(count=int(match[1]), seconds=int(match[2] or 1) * _UNITS[match[3]])
    if not rate.count or not rate.seconds:
        raise ValueError(f'"{text}" would allow nothing; to forbid a job, take it out of [operations]')
    return rate
