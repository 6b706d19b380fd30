"""How the doctor goes through its checks: none of them can keep the others from their turn."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from tests.writeback.worker_files import WorkerFiles
from writeback.cli.doctor.examining import PARTS, Part, look
from writeback.config import Config
from writeback.envelope.findings import Finding, Level, ok

CONFIG = cast("Config", None)  # the checks of these tests read none


def test_a_check_that_hangs_is_given_up_and_what_it_found_is_kept() -> None:
    ended = Event()

    def hang(_: Config) -> Iterator[Finding]:
        yield ok("a.first", "found in time")
        ended.wait()

    found = look(Part(name="a.whole", look=hang, seconds=0.2), CONFIG)
    ended.set()

    assert [(one.check, one.level) for one in found] == [("a.first", Level.OK), ("a.whole", Level.FAILURE)]
    assert found[1].says == "this check did not finish within 0.2 seconds"


def test_a_check_that_fails_unforeseen_is_a_finding_without_what_it_said() -> None:
    def fail(_: Config) -> Iterator[Finding]:
        yield ok("a.first", "found before")
        raise RuntimeError("hush")

    found = look(Part(name="a.whole", look=fail, seconds=5), CONFIG)

    assert [one.level for one in found] == [Level.OK, Level.FAILURE]
    assert "RuntimeError" in found[1].says
    assert "hush" not in found[1].says


def test_all_parts_are_bounded() -> None:
    assert all(0 < part.seconds <= 180 for part in PARTS)


@pytest.mark.parametrize("old", ['name = "main"', "deny_spn = true"])
def test_a_wrong_setting_ends_with_2_in_json_too(
    tmp_path: Path, old: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = WorkerFiles(tmp_path)
    files.replace(old, f"{old.split(' ', maxsplit=1)[0]} = 1")

    assert files.run("doctor", "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == "failure"
    assert [set(one) for one in told["findings"]] == [{"check", "level", "says", "mend"}]
    assert told["findings"][0]["mend"] == f"correct {files.toml}"
