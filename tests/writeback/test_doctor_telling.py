"""Whatever nobody would hear of is a warning, in the log of the start and at the doctor."""

from pathlib import Path

import pytest

from tests.writeback.worker_files import WorkerFiles
from writeback.cli.doctor.telling import checks
from writeback.envelope.findings import Level

CALL = 'on_call = ["ann@corp.example"]'


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (CALL, [("notify.told", Level.OK)]),
        (f'{CALL}\nunreachable = "refuse"', [("notify.told", Level.OK)]),
        ("on_call = []", [("notify.on-call", Level.WARNING)]),
        (f'{CALL}\nunreachable = "tell-nobody"', [("notify.unreachable", Level.WARNING)]),
        (f"{CALL}\nadministrators = []", [("notify.administrators", Level.WARNING)]),
        (
            'on_call = []\nadministrators = []\nunreachable = "tell-administrators"',
            [("notify.on-call", Level.WARNING), ("notify.administrators", Level.WARNING)],
        ),
    ],
)
def test_settings_by_which_nobody_is_told_are_a_warning(
    tmp_path: Path, written: str, found: list[tuple[str, Level]]
) -> None:
    files = WorkerFiles(tmp_path)
    lines = [line for line in files.text.splitlines() if not line.startswith("unreachable = ")]
    files.text = "\n".join(lines) + "\n"
    before = next(line for line in lines if line.startswith("on_call = "))
    files.replace(before, written)
    told = list(checks(files.config()))
    assert [(one.check, one.level) for one in told] == found
    assert all(one.mend for one in told if one.level is not Level.OK)
    assert not any(one.says.endswith(".") for one in told)
