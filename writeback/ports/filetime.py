"""FILETIME, AD's form of a time: intervals of 100 ns since 1601 (MS-DTYP 2.3.3)."""

UNIX_EPOCH = 116_444_736_000_000_000
"""1970 as a FILETIME."""
INTERVALS = 10_000_000
"""Intervals of 100 ns in a second."""


def unix_time(filetime: int) -> float:
    """Return a FILETIME as Unix time."""
    return (filetime - UNIX_EPOCH) / INTERVALS


def filetime(unix: float) -> int:
    """Return a Unix time as a FILETIME."""
    return int(unix * INTERVALS) + UNIX_EPOCH
