"""The worker tells the version of the tree that it runs from."""

import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from writeback.version import running_version


def test_a_worker_reports_the_version_that_the_project_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert running_version() == project["version"]


@pytest.mark.parametrize(
    "text", ['[project]\nname = "other"\nversion = "9"', 'project = "keyback"', "no toml"]
)
def test_a_project_file_of_another_package_is_not_believed(tmp_path: Path, text: str) -> None:
    """Some packages leave theirs in site-packages, beside the installed worker."""
    found = tmp_path / "pyproject.toml"
    found.write_text(text)
    assert running_version(found) == running_version(tmp_path / "none")
