"""`python -m tests.coverage`: measure the suite, and fail below the floor or where a reason is missing."""

import argparse
import sys

from tests.architecture.sources import ROOT
from tests.coverage.judging import faults, needless, shares, table
from tests.coverage.measuring import Measurement
from tests.coverage.places import reasons, unreached

WHOLE = ("-n", "4", "--dist", "loadscope")


def main() -> int:
    """Run the command; return 0, or 1 where tests failed or what they reach is not enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.coverage", description=__doc__)
    parser.add_argument(
        "--add", nargs="+", metavar="TEST", help="run these, and add to what was measured before"
    )
    parser.add_argument(
        "--judge", action="store_true", help="run nothing, and judge what was measured before"
    )
    words = parser.parse_args()
    measurement = Measurement(ROOT / "var" / "coverage")
    status = 0
    if words.add:
        status = measurement.run_tests(words.add)
    elif not words.judge:
        measurement.begin()
        status = measurement.run_tests(WHOLE)
    report, listed = measurement.report(), reasons()
    print(*table(unreached(report), listed), *needless(report, listed), sep="\n")
    wrong = faults(report, listed)
    print(*wrong, *(f"{part}: {share:.2f} %" for part, share in shares(report).items()), sep="\n")
    return 1 if wrong or status else 0


if __name__ == "__main__":
    sys.exit(main())
