"""A real worker that can be held at a point, to be killed there or let go, and whose clock can be wrong.

`python -m tests.fakes.held_worker writeback.toml folder`. A file `hold` in the folder names the point. When
it is reached, the file becomes `held`, and the worker waits there until that one is removed. A file `clock`
holds the seconds by which the worker's clock is ahead. Beats come every two seconds, not every thirty.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from writeback.clock import SystemClock
from writeback.config import load
from writeback.intake import Posted
from writeback.worker import Parts, build, serve

BEFORE_INTENT = "before INTENT"
BEFORE_MODIFY = "before the modify"
AFTER_MODIFY = "after the modify"
BEFORE_ANSWER = "before the answer"
BEAT = 2.0


class WrongClock(SystemClock):
    """This machine's clock, and what the file adds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> float:
        ahead = float(self._file.read_text() or 0) if self._file.exists() else 0.0
        return super().now() + ahead


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
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    configuration, folder = map(Path, sys.argv[1:])
    parts = build(load(configuration), WrongClock(folder / "clock"))
    arm(parts, folder)
    return serve(parts, every=BEAT)


if __name__ == "__main__":
    sys.exit(main())
