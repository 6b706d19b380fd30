"""A real worker process, but for its directory, which is in memory: `python -m tests.fakes.border_worker`."""

import logging
import sys
from pathlib import Path

from tests.fakes.directory import FakeDirectory
from writeback.ceiling.denied import DeniedGroups
from writeback.clock import SystemClock
from writeback.config import load
from writeback.worker import build, serve


def main() -> int:
    """Run the worker of the configuration that the command line names."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    clock = SystemClock()
    parts = build(load(Path(sys.argv[1])), clock)
    directory = FakeDirectory(clock=clock)
    directory.add("alice")
    parts.site.directories = {"corp": directory}
    parts.site.denied = {"corp": DeniedGroups(directory, (), clock)}
    return serve(parts)


if __name__ == "__main__":
    sys.exit(main())
