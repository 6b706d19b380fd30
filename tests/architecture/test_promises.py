"""The pages of threats and faults name real tests, and nothing refers to documents outside the repository."""

import re
import subprocess

import pytest

from tests.architecture.sources import ROOT, functions

PAGES = ("threats", "faults")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!attack \||fault \||---)(.+) \|$", re.MULTILINE)
FOREIGN = r"\b(?:[ABCDEFHLPRS]-[0-9]{2}|test_[a-z]_[0-9]{2}_\w+|reference [A-Z]\.[0-9]+)\b"
"""What an id of somebody else's catalogue looks like, in prose and in the name of a test."""


def page(name: str) -> str:
    return (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_each_row_names_tests_that_exist(name: str) -> None:
    rows = ROW.findall(page(name))
    assert len(rows) > 20
    assert [row for row in rows if not TEST.search(row)] == []
    missing = [
        f"{path}::{test}"
        for path, test in TEST.findall(page(name))
        if not (ROOT / path).is_file() or test not in {node.name for node in functions(ROOT / path)}
    ]
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_each_row_says_what_is_promised(name: str) -> None:
    cells = [row.split(" | ") for row in ROW.findall(page(name))]
    assert [row for row in cells if len(row) != 3 or not all(cell.strip() for cell in row)] == []


def test_nothing_refers_to_ids_of_documents_outside_the_repository() -> None:
    found = subprocess.run(
        ["git", "grep", "-nIP", FOREIGN, "--", ".", ":!*.lock", ":!*.svg", f":!{_this_file()}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout) == (1, ""), found.stdout + found.stderr


def _this_file() -> str:
    return str((ROOT / "tests" / "architecture" / "test_promises.py").relative_to(ROOT))


@pytest.mark.parametrize("text", ["killed early (F-01)", "def test_p_06_a_token():", "reference D.10"])
def test_an_id_is_seen_however_it_is_written(text: str) -> None:
    assert re.search(FOREIGN, text)


@pytest.mark.parametrize("text", ["SHA-256", "RFC 4511 A.2", "UTF-16", "def test_61_junk_names() -> None:"])
def test_what_is_no_such_id_is_left_alone(text: str) -> None:
    assert not re.search(FOREIGN, text)
