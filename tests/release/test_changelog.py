"""The changelog holds dated versions, and a release takes its notes from the newest."""

import tomllib

import pytest

from deploy.dev.release.changelog import UNRELEASED, ChangelogError, notes_of, sections
from tests.architecture.sources import ROOT

TEXT = """\
# Changelog

## Unreleased

## 0.2.0 · 2026-11-30

### Added
- This.

## 0.1.0 · 2026-11-01

- That.
"""


def test_notes_are_those_of_the_newest_version() -> None:
    assert notes_of(TEXT, "0.2.0") == "### Added\n- This."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TEXT.replace("## Unreleased\n", "## Unreleased\n- More.\n"), "changes under Unreleased"),
        (TEXT.replace("0.2.0", "0.3.0"), r"ends in 0\.3\.0"),
        (TEXT.replace("### Added\n- This.\n", ""), "says nothing"),
        (TEXT.replace(" · 2026-11-30", ""), "is not"),
        ("# Changelog\n", "ends in None"),
    ],
)
def test_a_changelog_that_is_not_ready_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ChangelogError, match=reason):
        notes_of(text, "0.2.0")


def test_the_newest_dated_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = list(sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    dated = [each for each in versions if each != UNRELEASED]
    assert dated[0] == project["version"]
    assert versions.index(dated[0]) <= 1
