"""`make quick` chooses only tests that need Python alone; no test starts what its markers do not name."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.needs import FIXTURES, NEEDS, PROGRAMS, Watch, is_quick, missing_marker


@pytest.mark.parametrize("need", [*NEEDS, "slow"])
def test_a_test_that_needs_something_is_not_quick(need: str) -> None:
    assert not is_quick({"django_db", need}, "linux")


@pytest.mark.parametrize(("platform", "quick"), [("linux", True), ("darwin", False)])
def test_what_needs_linux_is_quick_there_only(platform: str, quick: bool) -> None:
    assert is_quick({"linux"}, platform) is quick
    assert is_quick(set(), platform)


@pytest.mark.parametrize(
    ("argv", "markers", "missing"),
    [
        (["setpriv", "--pdeathsig", "KILL", "redis-server", "redis.conf"], ["redis"], ""),
        (["setpriv", "--pdeathsig", "KILL", "redis-server", "redis.conf"], ["linux"], "redis"),
        (["setpriv", "--pdeathsig", "KILL", "sleep", "1"], [], "linux"),
        (["/usr/lib/postgresql/15/bin/postgres", "-D", "x"], ["race"], "postgres"),
        (["sh", "-c", "true"], [], ""),
    ],
)
def test_a_program_needs_its_marker(argv: list[str], markers: list[str], missing: str) -> None:
    assert missing_marker(argv, markers) == missing


def test_a_start_without_the_marker_is_refused(request: pytest.FixtureRequest) -> None:
    with Watch().over(request.node), pytest.raises(AssertionError, match="is not marked with: redis"):
        subprocess.run(["redis-server", "--version"], check=False)


@pytest.mark.slow
def test_what_takes_a_fixture_that_starts_something_is_not_chosen(tmp_path: Path) -> None:
    """The sample takes each fixture directly, and through another one."""
    names = sorted(FIXTURES)
    sample = tmp_path / "test_sample.py"
    sample.write_text(
        "import pytest\n\n"
        + "".join(
            f"@pytest.fixture\ndef {name}():\n    pass\n\n"
            f"@pytest.fixture\ndef over_{name}({name}):\n    pass\n\n"
            f"def test_with_{name}({name}):\n    pass\n\n"
            f"def test_over_{name}(over_{name}):\n    pass\n\n"
            for name in names
        )
        + "def test_plain():\n    pass\n"
    )
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    chosen = subprocess.run(
        [*command, "-c", "pyproject.toml", "-p", "tests.conftest", "-m", "quick", str(sample)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "test_plain" in chosen
    assert [name for name in names if f"_{name}" in chosen] == []


def test_each_program_and_fixture_has_a_marker_that_is_known(pytestconfig: pytest.Config) -> None:
    known = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert {*FIXTURES.values(), *PROGRAMS.values(), *NEEDS, "quick"} <= known
