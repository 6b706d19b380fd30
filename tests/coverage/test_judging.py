"""What no test reaches is found in any process, named so that names last, and needs a reason."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.coverage.judging import faults, needless, shares
from tests.coverage.measuring import Measurement
from tests.coverage.places import Place, Source, reasons, unreached, vanished

CODE = '''\
"""A file."""


class Door:
    def open(self, key):
        if key:
            return "open"
        try:
            return 1 / 0
        except ZeroDivisionError:
            key = None
            return key

    def close(self):
        def bolt():
            return "shut"

        return bolt
'''
PROGRAM = """\
import os
import time
import sys


def run(how):
    if how == "wait":
        print("waiting", flush=True); time.sleep(60)
    os._exit(0)


run(sys.argv[1])
"""
OPEN = "Door.open: if key: → try:"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with some code."""
    (tmp_path / "product").mkdir()
    (tmp_path / "product" / "door.py").write_text(CODE)
    (tmp_path / "product" / "program.py").write_text(PROGRAM)
    return tmp_path


def report_of(**more: Any) -> dict[str, Any]:
    """Return what coverage.py says of that file where all of it is reached, but for what is given."""
    executed = [4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18]
    summary = {"covered_lines": 19, "num_statements": 20, "covered_branches": 0, "num_branches": 0}
    of_file = {
        "executed_lines": executed,
        "missing_lines": [],
        "missing_branches": [],
        "summary": summary,
    } | more
    return {"files": {"product/door.py": of_file}}


@pytest.mark.parametrize(
    ("missing", "places"),
    [
        ({"missing_branches": [[6, 8]]}, [Place("product/door.py", 6, OPEN)]),
        ({"missing_branches": [[6, -5]]}, [Place("product/door.py", 6, "Door.open: if key: → end")]),
        (
            {"missing_lines": [8, 9, 10, 11, 12], "missing_branches": [[6, 8]]},
            [Place("product/door.py", 8, "Door.open: try:")],
        ),
        (
            {"missing_lines": [7, 8, 16, 18]},
            [
                Place("product/door.py", 7, 'Door.open: return "open"'),
                Place("product/door.py", 8, "Door.open: try:"),
                Place("product/door.py", 16, 'Door.close.bolt: return "shut"'),
                Place("product/door.py", 18, "Door.close: return bolt"),
            ],
        ),
        ({"missing_lines": [4]}, [Place("product/door.py", 4, ": class Door:")]),
    ],
    ids=["branch", "branch to the end", "lines with their branch", "blocks and functions", "no function"],
)
def test_a_place_is_named_by_its_function_and_its_text(
    missing: dict[str, Any], places: list[Place], tree: Path
) -> None:
    assert unreached(report_of(**missing), tree) == places
    assert vanished({place.key: "" for place in places}, tree) == []


@pytest.mark.parametrize(
    "name",
    [
        "Door.open: if keys: → try:",
        "Door.open: if key: → else:",
        "Door.close: try:",
        ": try:",
        "Door.open: while key: → end",
    ],
)
def test_a_place_that_no_longer_stands_there_is_found(name: str, tree: Path) -> None:
    listed = {("product/door.py", name): "a reason", ("product/gone.py", OPEN): "a reason"}
    assert vanished(listed, tree) == [*listed]


def test_a_line_keeps_its_name_when_others_are_put_before_it() -> None:
    source = Source.of(f"import os\n\n{CODE}")
    assert source.has(OPEN)
    assert source.function(8) == "Door.open"


def test_what_is_not_reached_needs_a_reason_that_stands_there(tree: Path) -> None:
    report, listed = report_of(missing_branches=[[6, 8]]), {("product/door.py", OPEN): "a reason"}
    assert faults(report, listed, tree) == []
    assert faults(report, {}, tree) == [f"product/door.py:6 is not reached and has no reason: {OPEN}"]
    gone = {("product/door.py", "Door.open: if lock:"): "a reason"}
    assert faults(report, listed | gone, tree) == [
        "uncovered.toml lists what no longer stands in product/door.py: Door.open: if lock:"
    ]


def test_a_listed_place_may_be_reached(tree: Path) -> None:
    listed = {("product/door.py", OPEN): "two threads must meet there"}
    assert faults(report_of(), listed, tree) == []
    assert needless(report_of(), listed, tree) == [f"product/door.py: was reached this time: {OPEN}"]


def test_below_the_floor_nothing_helps(tree: Path) -> None:
    summary = {"covered_lines": 18, "num_statements": 19, "covered_branches": 0, "num_branches": 1}
    report = report_of(summary=summary)
    assert shares(report) == {"product": 90}
    assert faults(report, {}, tree) == ["product has 90.00 %, and needs 95.0 %."]


def test_each_listed_place_stands_in_the_code_and_has_a_reason() -> None:
    listed = reasons()
    assert vanished(listed) == []
    assert [place for place, reason in listed.items() if len(reason.split()) < 3] == []


@pytest.mark.slow
@pytest.mark.linux
def test_programs_are_measured_whatever_their_environment_and_their_end(tree: Path) -> None:
    measurement = Measurement(tree / "measured", tree, ("product",))
    measurement.begin()
    for how, status in (("exit", 0), ("wait", -signal.SIGTERM)):
        command = [str(measurement.python), "-m", "product.program", how]
        with subprocess.Popen(command, cwd=tree, env={}, stdout=subprocess.PIPE) as program:
            if program.stdout and program.stdout.readline():
                program.terminate()
        assert program.returncode == status
    assert measurement.report()["files"][str(tree / "product" / "program.py")]["missing_lines"] == []
