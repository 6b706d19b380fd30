"""A real worker that kills itself at a point: `DIE=… python -m tests.fakes.dying_worker writeback.toml`."""

import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from writeback.config import load
from writeback.worker import Parts, SystemClock, build, serve

POINTS = {
    "after RECEIVED": ("journal", "receive", "after"),
    "after INTENT": ("journal", "intend", "after"),
    "after the write": ("directory", "reset_password", "after"),
    "before the answer": ("box", "answer", "before"),
}


class Dying:
    """Stands before an object, and kills the process before or after one of its methods."""

    def __init__(self, inner: Any, method: str, when: str) -> None:
        self._inner, self._method, self._when = inner, method, when

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._deadly(found) if name == self._method else found

    def _deadly(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> None:
            if self._when == "after":
                method(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        return call


def arm(parts: Parts, point: str) -> Parts:
    """Return the parts of a worker that dies at that point."""
    where, method, when = POINTS[point]

    def dying(inner: Any) -> Any:
        return Dying(inner, method, when)

    if where == "journal":
        parts.site.journal = dying(parts.site.journal)
    elif where == "directory":
        parts.site.directories = {name: dying(inner) for name, inner in parts.site.directories.items()}
    return replace(parts, box=dying(parts.box) if where == "box" else parts.box)


def main() -> int:
    """Run the worker of the configuration that the command line names."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    return serve(arm(build(load(Path(sys.argv[1])), SystemClock()), os.environ["DIE"]))


if __name__ == "__main__":
    sys.exit(main())
