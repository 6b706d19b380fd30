"""Keys and state belong together: a second host with a state of its own is refused."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from deploy.dev.demo.postgres import PostgresServer
from tests.writeback.worker_files import WorkerFiles
from writeback.envelope.secret import Secret
from writeback.state import State, StateUnusable
from writeback.vault import Vault, VaultError
from writeback.worker import main


def url_of(path: Path) -> Secret:
    return Secret(f"sqlite:///{path}")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> WorkerFiles:
    """The host on which the site was set up."""
    made = WorkerFiles(tmp_path_factory.mktemp("first"))
    assert made.run("setup") == 0
    return made


@pytest.fixture
def second(first: WorkerFiles, tmp_path: Path) -> WorkerFiles:
    """A second host: the keys were copied, and the settings name a SQLite file of its own."""
    made = WorkerFiles(tmp_path)
    shutil.copytree(first.folder / "keys", tmp_path / "keys")
    return made


def test_setup_makes_the_state_and_the_keys_say_which(first: WorkerFiles) -> None:
    with closing(State(first.config().site.state)) as state:
        assert (first.folder / "keys/state.id").read_text() == f"{state.id.hex()}\n"


def test_a_second_host_with_a_state_of_its_own_does_not_start(
    second: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(second.toml)]) == 2
    said = capsys.readouterr().err
    assert "There is no state here, but the keys belong to an older one." in said
    assert "PostgreSQL" in said
    assert not (second.folder / "state.db").exists()


@pytest.mark.parametrize("command", ["run", "setup", "status", "doctor", "backup"])
def test_no_command_makes_a_second_state(second: WorkerFiles, command: str) -> None:
    arguments = [command, *([str(second.folder / "copy")] if command == "backup" else [])]
    assert second.run(*arguments) != 0
    assert not (second.folder / "state.db").exists()


def test_a_second_host_whose_state_was_there_before_the_keys_does_not_start(
    second: WorkerFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    State(second.config().site.state).close()
    assert main(["--config", str(second.toml)]) == 2
    assert "all workers of a site must share one state" in capsys.readouterr().err


def test_a_backup_is_restored_on_another_host_with_the_same_keys(
    first: WorkerFiles, second: WorkerFiles, tmp_path: Path
) -> None:
    assert first.run("backup", str(tmp_path / "copy")) == 0
    assert second.run("restore", str(tmp_path / "copy")) == 0
    assert second.run("status") == 1  # no portal is paired; the state is the right one


def test_a_backup_of_another_site_is_not_restored(
    second: WorkerFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    State(url_of(tmp_path / "other.db")).close()
    assert second.run("restore", str(tmp_path / "other.db")) != 0
    assert "all workers of a site must share one state" in capsys.readouterr().err
    assert not (second.folder / "state.db").exists()


def test_a_state_that_is_lost_for_good_is_begun_anew_on_purpose(second: WorkerFiles) -> None:
    (second.folder / "keys/state.id").unlink()
    assert second.run("setup") == 0
    assert second.run("status") == 1


def test_two_hosts_with_one_database_have_one_state(postgres: PostgresServer) -> None:
    url = Secret(postgres.make_database("identity"))
    with closing(State(url, host="one")) as one, closing(State(url, host="two", known=one.id)) as two:
        assert one.id == two.id
    with pytest.raises(StateUnusable, match="this is"):
        State(url, known=bytes(16))


def test_an_empty_database_is_not_taken_for_the_state_that_is_known(postgres: PostgresServer) -> None:
    url = Secret(postgres.make_database("empty"))
    with pytest.raises(StateUnusable, match="There is no state"):
        State(url, known=b"i" * 16)
    State(url).close()


def test_a_damaged_id_is_named(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "keys", tmp_path / "run", tmp_path / "portal.pub", lambda: 0.0)
    vault.pin_state(b"i" * 16)
    vault.pin_state(b"j" * 16)
    assert vault.state_id() == b"i" * 16
    (tmp_path / "keys/state.id").write_text("no id")
    with pytest.raises(VaultError, match=r"state\.id holds no id"):
        vault.state_id()
