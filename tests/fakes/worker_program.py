"""A real worker in a test's hands: `python -m tests.fakes.worker_program writeback.toml folder`.

Files in the folder control it. `hold` names a point: when that is reached, the file becomes `held`, and the
worker waits there until it is removed, to be killed or let go. `clock` holds the seconds by which the
worker's clock is ahead. With `--in-memory`, its directory is in memory and knows alice only; while there is
a file `slow`, it answers nobody.
"""

import argparse
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fakes.directory import FakeDirectory
from writeback.ceiling.denied import DeniedGroups
from writeback.clock import SystemClock
from writeback.config import load
from writeback.envelope.heartbeats import EVERY
from writeback.envelope.names import Name
from writeback.intake import Posted
from writeback.ports import Clock
from writeback.trouble import LONGEST_WAIT
from writeback.worker import Parts, build, serve

BEFORE_INTENT = "before INTENT"
BEFORE_MODIFY = "before the modify"
AFTER_MODIFY = "after the modify"
BEFORE_ANSWER = "before the answer"


class WrongClock(SystemClock):
    """This machine's clock, and what the file adds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> float:
        ahead = float(self._file.read_text() or 0) if self._file.exists() else 0.0
        return super().now() + ahead


class HeldDirectory(FakeDirectory):
    """A directory that takes its time."""

    held: Path

    def matches(self, name: Name) -> tuple[bytes, ...]:
        while self.held.exists():
            time.sleep(0.01)
        return super().matches(name)


def keep_in_memory(parts: Parts, clock: Clock, held: Path) -> None:
    """Put a directory in memory, with alice, in the place of the real one."""
    directory = HeldDirectory(clock=clock)
    directory.held = held
    directory.add("alice")
    parts.site.directories = {"corp": directory}
    parts.site.denied = {"corp": DeniedGroups((), clock)}


def hold(folder: Path, point: str) -> None:
    """Wait here if this is the point, until somebody lets the worker go on."""
    wanted, held = folder / "hold", folder / "held"
    if wanted.exists() and wanted.read_text() == point:
        wanted.replace(held)
        while held.exists():
            time.sleep(0.01)


def arm(parts: Parts, folder: Path) -> None:
    """Set up the points; a write's answer is known by its journal's entry."""
    settled: set[bytes] = set()
    (directory,) = parts.site.directories.values()
    intend, write = parts.site.journal.intend, directory.reset_password
    settle, answer = parts.site.journal.settle, parts.box.answer

    def told(posted: Posted) -> None:
        if posted.jti in settled:
            hold(folder, BEFORE_ANSWER)
        answer(posted)

    def written(*args: Any, **kwargs: Any) -> Any:
        hold(folder, BEFORE_MODIFY)
        done = write(*args, **kwargs)
        hold(folder, AFTER_MODIFY)
        return done

    def intended(*args: Any, **kwargs: Any) -> Any:
        hold(folder, BEFORE_INTENT)
        return intend(*args, **kwargs)

    def kept(jti: bytes, *args: Any, **kwargs: Any) -> None:
        settle(jti, *args, **kwargs)
        settled.add(jti)

    points: tuple[tuple[object, Callable[..., Any]], ...] = (
        (directory, written),
        (parts.site.journal, intended),
        (parts.site.journal, kept),
        (parts.box, told),
    )
    for (where, around), name in zip(points, ("reset_password", "intend", "settle", "answer"), strict=True):
        setattr(where, name, around)


def main() -> int:
    """Run the worker."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.worker_program")
    parser.add_argument("configuration", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--every", type=float, default=EVERY, help="seconds from heartbeat to heartbeat")
    parser.add_argument(
        "--longest-wait",
        type=float,
        default=LONGEST_WAIT,
        help="seconds after which a Redis that fails is tried again at the latest",
    )
    words = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    clock = WrongClock(words.folder / "clock")
    parts = build(load(words.configuration), clock)
    if words.in_memory:
        keep_in_memory(parts, clock, words.folder / "slow")
    arm(parts, words.folder)
    return serve(parts, every=words.every, longest_wait=words.longest_wait)


if __name__ == "__main__":
    sys.exit(main())
