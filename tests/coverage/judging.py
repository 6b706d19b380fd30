"""Decides whether the tests reach enough: a floor for each part, and a reason for each place not reached."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.coverage.places import LIST, Place, Reasons, unreached, vanished

FLOOR = 95.0
"""Per cent of the lines and branches of each part that the tests must reach."""


def shares(report: Mapping[str, Any]) -> dict[str, float]:
    """Return for each top-level folder how many per cent of its lines and branches are reached."""
    reached: dict[str, int] = {}
    of_all: dict[str, int] = {}
    for name, of_file in report["files"].items():
        part, sums = name.partition("/")[0], of_file["summary"]
        reached[part] = reached.get(part, 0) + sums["covered_lines"] + sums["covered_branches"]
        of_all[part] = of_all.get(part, 0) + sums["num_statements"] + sums["num_branches"]
    return {part: 100 * reached[part] / of_all[part] for part in of_all if of_all[part]}


def table(places: list[Place], reasons: Reasons) -> Iterator[str]:
    """Yield two lines for each place that is not reached: where it is, and why."""
    for place in places:
        yield f"{place.file}:{place.line} {place.name}"
        yield f"    {reasons.get(place.key, 'NO REASON')}"


def faults(report: Mapping[str, Any], reasons: Reasons, root: Path = ROOT) -> list[str]:
    """Return a sentence for everything that must not be so; nothing if all is well."""
    low = [
        f"{part} has {share:.2f} %, and needs {FLOOR} %."
        for part, share in shares(report).items()
        if share < FLOOR
    ]
    bare = [
        f"{place.file}:{place.line} is not reached and has no reason: {place.name}"
        for place in unreached(report, root)
        if place.key not in reasons
    ]
    stale = [
        f"{LIST.name} lists what no longer stands in {file}: {name}" for file, name in vanished(reasons, root)
    ]
    return [*low, *bare, *stale]


def needless(report: Mapping[str, Any], reasons: Reasons, root: Path = ROOT) -> list[str]:
    """Return a sentence for each listed place that was reached.

    This is no fault: where threads or processes race, it differs from run to run.
    """
    left = {place.key for place in unreached(report, root)}
    return [f"{file}: was reached this time: {name}" for file, name in sorted(reasons.keys() - left)]
