"""`python -m deploy.dev.timing`: ask about all kinds of people, and fail if a kind stands out."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.utils.module_loading import import_string

from deploy.dev.bench.stage import Stage, stage
from deploy.dev.demo.configuration import NO_WAITING
from deploy.dev.lab import LabError, SetupError
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import hear_endings
from deploy.dev.timing.verdict import Step, faults, table

# No request is refused for being too frequent; everything else is as shipped, the floor above all.
LIMITS = """
[limits]
jobs = "60000/m"
failed_signins = "100000/10m"
signins_per_user = "1000/1h"
sends = { per_destination = "1000/1h", per_person = "1000/24h", per_site = "100000/1h" }

[attempts]
resend_wait = "0s"
"""
FLOOR = "KEYBACK_FLOOR_MS"
ENVIRONMENT = {name: value for name, value in NO_WAITING.items() if name != FLOOR} | {
    "KEYBACK_FAILED_SIGN_INS": "100000"
}


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev.timing", description=__doc__)
    parser.add_argument("-n", type=int, default=200, help="samples of each kind at each step (200)")
    parser.add_argument("--clients", type=int, default=6, help="strangers at one time (6)")
    parser.add_argument(
        "--floor", type=int, help="the portal's KEYBACK_FLOOR_MS; 0 shows what it hides (as it ships)"
    )
    parser.add_argument("--home", type=Path, default=REPOSITORY / "var" / "timing")
    parser.add_argument("--network", default="127.0.61", help="three numbers; the parts get .10, .20 and .30")
    words = parser.parse_args()
    hear_endings()
    environment = ENVIRONMENT | ({} if words.floor is None else {FLOOR: str(words.floor)})
    try:
        with stage(words.home, network=words.network, limits=LIMITS, environment=environment) as parts:
            steps = _collect(parts, visits=words.n, clients=words.clients)
    except (SetupError, LabError) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    found = faults(steps)
    print(table(steps), *found, "Nobody stands out." if not found else "", sep="\n")
    return 1 if found else 0


def _collect(parts: Stage, *, visits: int, clients: int) -> list[Step]:
    """Collect with Django set up as the portal, whose settings are known only once everything runs."""
    os.environ.update(parts.product.environment, KEYBACK_LOG_LEVEL="ERROR")
    django.setup()
    collect: Callable[..., list[Step]] = import_string("deploy.dev.timing.collecting.collect")
    return collect(parts, visits=visits, clients=clients)


if __name__ == "__main__":
    sys.exit(main())
