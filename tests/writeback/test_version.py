"""The worker tells the version of the tree that it runs from."""

import tomllib

from tests.architecture.sources import ROOT
from writeback.version import running_version


def test_a_worker_reports_the_version_that_the_project_has() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert running_version() == project["version"]
