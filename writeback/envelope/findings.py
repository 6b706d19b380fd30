"""What a doctor found, on either side of the border: one model, one text, one JSON, one exit status.

The exit status is what Nagios and its kin read: 0 ok, 1 warning, 2 failure (Monitoring Plugins Development
Guidelines, Plugin Return Codes).
"""

import argparse
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Level(StrEnum):
    """How bad it is; `failure` is what people meet or what is open to an attacker."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"

    @property
    def exit_status(self) -> int:
        """Return what a process ends with whose worst finding this is."""
        return tuple(Level).index(self)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check saw.

    Args:
        check: a stable name, its part before the first dot being the group: `redis.commands`.
        level: how bad it is.
        says: one sentence for an admin, without its full stop; it holds no secret.
        mend: the one line that mends it; empty only for what is ok.
    """

    check: str
    level: Level
    says: str
    mend: str = ""

    @property
    def group(self) -> str:
        """Return what it is printed under."""
        return self.check.partition(".")[0]


Check = Callable[[], Iterable[Finding]]


def ok(check: str, says: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(check=check, level=Level.OK, says=says)


def warning(check: str, says: str, mend: str) -> Finding:
    """Return what should be mended soon, or knowingly left."""
    return Finding(check=check, level=Level.WARNING, says=says, mend=mend)


def failure(check: str, says: str, mend: str) -> Finding:
    """Return what must be mended."""
    return Finding(check=check, level=Level.FAILURE, says=says, mend=mend)


def gather(name: str, check: Check) -> list[Finding]:
    """Return what a check finds; a fault of the check itself is a finding too, and ends nothing else.

    Args:
        name: the check's name, for a fault of its own.
        check: what is run.
    """
    found: list[Finding] = []
    try:
        for finding in check():
            found.append(finding)  # noqa: PERF402  # what was found before a fault is kept
    except Exception as error:  # noqa: BLE001  # a fault of ours is told by its kind; its text could hold a secret
        says = f"this check could not be carried out ({type(error).__name__})"
        found.append(failure(name, says, "report this as a fault of Keyback"))
    return found


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what either doctor takes: what it prints, and which warnings it takes as ok."""
    parser.add_argument("--json", action="store_true", help="one line of JSON for programs")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CHECK",
        help="name of a check (as --json prints it) whose warnings count as ok; may be repeated",
    )


def accept(findings: Iterable[Finding], checks: Collection[str]) -> list[Finding]:
    """Return the findings with the warnings of some checks taken as ok; a failure can't be accepted."""
    return [
        replace(one, level=Level.OK, says=f"{one.says} (accepted)", mend="")
        if one.level is Level.WARNING and one.check in checks
        else one
        for one in findings
    ]


def find_worst_level(findings: Iterable[Finding]) -> Level:
    """Return the level of all of them together."""
    return max((finding.level for finding in findings), key=tuple(Level).index, default=Level.OK)


def as_text(findings: Sequence[Finding]) -> str:
    """Return them for a person: group by group, in each the worst first, and a last line that sums up."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.group, []).append(finding)
    lines = []
    for group, members in groups.items():
        lines.append(group)
        for finding in sorted(members, key=lambda one: -one.level.exit_status):
            lines.append(f"  {_MARKS[finding.level]:6}{finding.says}")
            lines += [f"        -> {finding.mend}"] if finding.mend else []
    return "\n".join([*lines, "", _summarize(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """Return them for a program, one line: `{"level", "findings": [{"check", "level", "says", "mend"}]}`."""
    rows = [
        {"check": one.check, "level": one.level.value, "says": one.says, "mend": one.mend} for one in findings
    ]
    return json.dumps({"level": find_worst_level(findings).value, "findings": rows}, ensure_ascii=False)


_MARKS = {Level.OK: "ok", Level.WARNING: "warn", Level.FAILURE: "FAIL"}


def _summarize(findings: Sequence[Finding]) -> str:
    failures, warnings = (
        sum(one.level == level for one in findings) for level in (Level.FAILURE, Level.WARNING)
    )
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((failures, "failure"), (warnings, "warning"))
        if count
    ]
    return ", ".join(parts) + "." if parts else "All is well."
