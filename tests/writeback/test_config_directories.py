"""Several [[directory]] in the settings: each is told apart, and each serves somebody."""

from pathlib import Path

import pytest

from tests.writeback.worker_files import WorkerFiles
from writeback.config import ConfigError, load

ID, BASE = ('id = "corp"', 'id = "eu"'), ("DC=corp,DC=example", "DC=eu,DC=example")


@pytest.fixture
def files(tmp_path: Path) -> WorkerFiles:
    return WorkerFiles(tmp_path)


def add_directory(files: WorkerFiles, *changes: tuple[str, str]) -> None:
    """Add a copy of the directory to the settings, with these changes in it."""
    start = files.text.index("[[directory]]")
    section = files.text[start : files.text.index("\n[", start + 2)]
    for old, new in changes:
        assert old in section
        section = section.replace(old, new)
    files.replace("[[directory]]", f"{section}\n[[directory]]")


def problems(files: WorkerFiles) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(files.toml)
    return caught.value.problems


def test_several_directories_are_served(files: WorkerFiles) -> None:
    add_directory(files, ID, BASE)
    files.replace("bases = [", 'bases = ["OU=Staff,DC=eu,DC=example", ')
    assert {directory.id for directory in load(files.toml).directories} == {"corp", "eu"}


def test_a_directory_without_a_base_is_refused(files: WorkerFiles) -> None:
    add_directory(files, ID, BASE)
    (problem,) = problems(files)
    assert problem.endswith("lies in DC=eu,DC=example: nobody of [[directory]] eu is served.")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (BASE, '[[directory]] id: "corp" is there 2 times.'),
        (ID, '[[directory]] base: "dc=corp,dc=example" is there 2 times.'),
    ],
)
def test_two_directories_with_one_id_or_base_are_refused(
    files: WorkerFiles, change: tuple[str, str], said: str
) -> None:
    add_directory(files, change)
    assert said in problems(files)
