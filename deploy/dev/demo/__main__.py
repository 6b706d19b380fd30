"""`python -m deploy.dev.demo`: the product in the foreground until Ctrl-C; `make demo` calls it."""

import argparse
import sys
from pathlib import Path

from deploy.dev.demo.demo import Demo
from deploy.dev.demo.place import take_place
from deploy.dev.lab import LabError, SetupError
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import port_of


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev.demo", description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "demo")
    parser.add_argument(
        "--network", help="three numbers; the parts get .10, .20 and .30 (default: free ones)"
    )
    parser.add_argument("--port", help="port of the portal (default: 8000, or the next free one)")
    words = parser.parse_args()
    try:
        port = None if words.port is None else port_of(words.port)
        with take_place(words.network, port) as place:
            return Demo(words.home, place).run()
    except (SetupError, LabError) as trouble:
        print(trouble, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
