"""The documents keep their own rules: links lead somewhere, decisions are dated, each word stands once."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_glossary_explains_each_word_once() -> None:
    text = (ROOT / "docs" / "reference" / "glossary.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!word \|)([a-z][^|]*) \| [^|]+ \|$", text, re.MULTILINE)
    words = [word for row in rows for word in row.split(", ")]
    assert len(words) > 50
    assert sorted(words) == sorted(set(words))


STATUS = re.compile(
    r"# (\d{4}) · [^\n]+\n\nStatus: (?:accepted|replaced by (\d{4})) · Date: (\d{4}-\d{2}-\d{2})\n\n"
)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_has_its_number_a_status_and_a_date(path: Path) -> None:
    head = STATUS.match(path.read_text(encoding="utf-8"))
    assert head, "Status: accepted · Date: YYYY-MM-DD stands below the title"
    number, successor, date = head.groups()
    assert number == path.name[:4]
    assert datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC) > datetime(2026, 1, 1, tzinfo=UTC)
    assert successor is None or successor in {other.name[:4] for other in DECISIONS}


def test_no_number_of_a_decision_is_used_twice() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert numbers == sorted(set(numbers))
