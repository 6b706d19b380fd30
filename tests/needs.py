"""What a test needs beyond Python and the packages of requirements.lock; `make quick` runs the others.

A marker says it: a fixture of `FIXTURES` sets it on each test that takes it, directly or through others.
A test that starts a server or a browser in another way carries the marker itself; without it the start is
refused.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import pytest

FIXTURES = {
    "lab": "lab",
    "redis_server": "redis",
    "shared_rig": "redis",
    "shared_site": "redis",
    "postgres": "postgres",
    "real_browser": "browser",
    "seed": "slow",
}
"""The marker of each fixture that others build on; `seed` registers somebody through the pages."""
PROGRAMS = {
    "unshare": "lab",
    "redis-server": "redis",
    "initdb": "postgres",
    "postgres": "postgres",
    "chromium": "browser",
    "run-driver": "browser",
    "setpriv": "linux",
    "nginx": "debian",
    "systemd-analyze": "debian",
    "shellcheck": "debian",
    "sha256sum": "linux",
}
"""What a test without the marker may not start."""
NEEDS = ("lab", "redis", "postgres", "browser", "root", "debian")
QUICK, SLOW, LINUX = "quick", "slow", "linux"


def mark(item: pytest.Item) -> None:
    """Mark a test with what its fixtures need, and with `quick` where that is nothing."""
    for name in {FIXTURES[name] for name in getattr(item, "fixturenames", ()) if name in FIXTURES}:
        item.add_marker(name)
    if is_quick({marker.name for marker in item.iter_markers()}, sys.platform):
        item.add_marker(QUICK)


def is_quick(markers: Iterable[str], platform: str) -> bool:
    """Say whether a test with these markers belongs to `make quick` on this platform."""
    against = {*NEEDS, SLOW} if platform == "linux" else {*NEEDS, SLOW, LINUX}
    return against.isdisjoint(markers)


def missing_marker(argv: Sequence[str], markers: Iterable[str]) -> str:
    """Return the marker that a test must carry to start this command, or nothing where it has it."""
    needed = {PROGRAMS[name] for name in (PurePath(word).name for word in argv) if name in PROGRAMS}
    has = set(markers)
    if has & set(NEEDS):
        needed.discard(LINUX)
    return ", ".join(sorted(needed - has))


class Watch:
    """Refuses a test of which no marker says what it starts."""

    def __init__(self) -> None:
        """Watch every start of a program in this process, for as long as it lives."""
        self._item: pytest.Item | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def over(self, item: pytest.Item) -> Iterator[None]:
        """Watch one test with its fixtures."""
        self._item = item
        try:
            yield
        finally:
            self._item = None

    def _hear(self, event: str, values: tuple[Any, ...]) -> None:
        if event != "subprocess.Popen" or self._item is None:
            return
        argv = [str(word) for word in (values[1] if isinstance(values[1], (list, tuple)) else [values[1]])]
        missing = missing_marker(argv, (marker.name for marker in self._item.iter_markers()))
        if missing:
            raise AssertionError(f"{self._item.nodeid} starts {argv} and is not marked with: {missing}")
