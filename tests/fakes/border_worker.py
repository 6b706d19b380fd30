"""A real worker process, but for its directory, which is in memory: `python -m tests.fakes.border_worker`.

While there is a file `slow` beside its configuration, the directory answers nobody. A file `hasty` there at
the start has it set heartbeats, and try a Redis that fails, several times a second.
"""

import logging
import sys
import time
from pathlib import Path

from tests.fakes.directory import FakeDirectory
from writeback.ceiling.denied import DeniedGroups
from writeback.clock import SystemClock
from writeback.config import load
from writeback.envelope.names import Name
from writeback.worker import build, serve


class HeldDirectory(FakeDirectory):
    """A directory that takes its time."""

    held: Path

    def matches(self, name: Name) -> tuple[bytes, ...]:
        while self.held.exists():
            time.sleep(0.01)
        return super().matches(name)


def main() -> int:
    """Run the worker of the configuration that the command line names."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    clock = SystemClock()
    parts = build(load(Path(sys.argv[1])), clock)
    directory = HeldDirectory(clock=clock)
    directory.held = Path(sys.argv[1]).with_name("slow")
    directory.add("alice")
    parts.site.directories = {"corp": directory}
    parts.site.denied = {"corp": DeniedGroups((), clock)}
    if Path(sys.argv[1]).with_name("hasty").exists():
        return serve(parts, every=0.1, longest_wait=0.25)
    return serve(parts)


if __name__ == "__main__":
    sys.exit(main())
