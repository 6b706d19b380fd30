"""Writes docs/reference/doctor.md out of the cases: `python -m tests.doctor.page`."""

from pathlib import Path

from tests.doctor import of_directories, of_rights, of_services, of_settings, of_worker
from tests.doctor.case import Case
from writeback.cli.doctor.examining import PARTS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "doctor.md"
CASES: tuple[Case, ...] = (
    *of_settings.CASES,
    *of_worker.CASES,
    *of_services.CASES,
    *of_directories.CASES,
    *of_rights.CASES,
)
TITLES = {
    "settings": "Settings",
    "policy": "Settings that take protection away",
    "notify": "Who is told",
    "authorities": "Certificate authorities",
    "keys": "Keys and pairing",
    "state": "State",
    "audit": "Audit",
    "disk": "Disk",
    "backup": "Backup",
    "worker": "The worker",
    "redis": "Redis",
    "directory": "Directories",
    "rights": "Rights of the service account",
    "mail": "Mail",
}
HEAD = """\
# What `writeback doctor` finds

<!-- Made by `python -m tests.doctor.page` out of the cases that break each thing; not changed by hand. -->

`writeback doctor` checks all of this, changes nothing, and exits with 0 (ok), 1 (warnings only) or 2
(failures), as Nagios reads it. `--json` prints the same for programs, under the names of the checks;
`--accept CHECK` accepts a known warning as ok ([commands](commands.md)). `…` stands for names and numbers. A
check that breaks or hangs is reported as a failure, and the others go on.

Each row is a test that breaks the thing and reads what the doctor says.
"""


COLUMNS = """\
| what is broken | check | | it says | what mends it |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for group, title in TITLES.items():
        rows = [case for case in CASES if case.check.partition(".")[0] == group]
        parts.append(f"\n## {title}\n\n{COLUMNS}")
        parts += [_row(case) for case in rows]
    return "".join(parts)


def _row(case: Case) -> str:
    cells = (case.broken, f"`{case.check}`", case.level.value, case.says, case.mend)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def groups() -> set[str]:
    """Return the groups of all parts of the doctor."""
    return {part.name.partition(".")[0] for part in PARTS}


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
