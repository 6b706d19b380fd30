"""`python -m deploy.dev.bench`: measure everything, print one table, fail if a goal is missed.

It exits with 1 for a missed goal, and with 75 if the machine was too busy to tell.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.utils.module_loading import import_string

from deploy.dev.bench.goals import Measured, goals_of, table
from deploy.dev.bench.stage import Stage, stage
from deploy.dev.lab import LabError, SetupError
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import hear_endings

TOO_BUSY = 75
"""EX_TEMPFAIL: try again later."""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev.bench", description=__doc__)
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "bench")
    parser.add_argument("--network", default="127.0.60", help="three numbers; the parts get .10, .20 and .30")
    words = parser.parse_args()
    hear_endings()
    try:
        with stage(words.home, network=words.network) as parts:
            goals = goals_of(_measure(parts))
    except (SetupError, LabError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(table(goals))
    missed = {goal.verdict for goal in goals if not goal.met}
    if not missed:
        return 0
    return 1 if "FAIL" in missed else TOO_BUSY


def _measure(parts: Stage) -> Measured:
    """Measure with Django set up as the portal, whose settings are known only once everything runs."""
    os.environ.update(parts.product.environment, KEYBACK_LOG_LEVEL="ERROR")
    django.setup()
    measure: Callable[[Stage], Measured] = import_string("deploy.dev.bench.measuring.measure")
    return measure(parts)


if __name__ == "__main__":
    sys.exit(main())
