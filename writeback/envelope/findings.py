"""The findings of the doctors of both sides, and how they are shown: as text, JSON and exit status.

The exit status is what Nagios and its kin read: 0 ok, 1 warning, 2 failure (Monitoring Plugins Development
Guidelines, Plugin Return Codes).
"""

import argparse
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; a `failure` hurts people now, or is open to an attacker."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"

    @property
    def exit_status(self) -> int:
        """The exit status of a process whose worst finding has this level."""
        return tuple(Level).index(self)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check.

    Args:
        check: a stable name such as `redis.commands`; the part before the first dot is the group.
        level: how bad it is.
        says: one sentence for operators, without its full stop; it holds no secret.
        mend: the line that mends it; empty only if the level is OK.
    """

    check: str
    level: Level
    says: str
    mend: str = ""

    @property
    def group(self) -> str:
        """The group under which it is printed."""
        return self.check.partition(".")[0]


Check = Callable[[], Iterable[Finding]]


def ok(check: str, says: str) -> Finding:
    """Return the finding that something is as it should be."""
    return Finding(check=check, level=Level.OK, says=says)


def warning(check: str, says: str, mend: str) -> Finding:
    """Return a finding that should be mended soon, or accepted on purpose."""
    return Finding(check=check, level=Level.WARNING, says=says, mend=mend)


def failure(check: str, says: str, mend: str) -> Finding:
    """Return a finding that must be mended."""
    return Finding(check=check, level=Level.FAILURE, says=says, mend=mend)


def gather(name: str, check: Check) -> list[Finding]:
    """Run a check and return its findings; if the check itself fails, that is a finding too.

    Args:
        name: name of the check, for a fault of its own.
        check: the check to run.
    """
    found: list[Finding] = []
    try:
        for finding in check():
            found.append(finding)  # noqa: PERF402  # what was found before a fault is kept
    except Exception as error:  # noqa: BLE001  # our own fault: only its type is shown, as its text could hold a secret
        says = f"this check could not be carried out ({type(error).__name__})"
        found.append(failure(name, says, "report this as a fault of Keyback"))
    return found


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of both doctors: the output format, and the warnings to accept."""
    parser.add_argument("--json", action="store_true", help="one line of JSON for programs")
    parser.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="CHECK",
        help="name of a check (as --json prints it) whose warnings count as ok; may be repeated",
    )


def accept(findings: Iterable[Finding], checks: Collection[str]) -> list[Finding]:
    """Return the findings with the warnings of these checks turned into OK; failures can't be accepted."""
    return [
        replace(one, level=Level.OK, says=f"{one.says} (accepted)", mend="")
        if one.level is Level.WARNING and one.check in checks
        else one
        for one in findings
    ]


def find_worst_level(findings: Iterable[Finding]) -> Level:
    """Return the worst level among the findings."""
    return max((finding.level for finding in findings), key=tuple(Level).index, default=Level.OK)


def as_text(findings: Sequence[Finding]) -> str:
    """Return the findings as text for people: by group, the worst first, with a summary in the last line."""
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
    """Return one line of JSON for programs: `{"level", "findings": [{"check", "level", "says", "mend"}]}`."""
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
