"""The switch is in the state: every worker looks at it before it takes a job or begins a write."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.envelope.keys import PORTAL, signing_key
from tests.fakes.worker import FakeWorker, register
from tests.redis_of_tests import running_redis
from tests.writeback.border.live import BEGIN, LiveWorker
from tests.writeback.worker_files import WorkerFiles
from writeback.cli.main import main
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.envelope.pairing import write_portal_enrolment
from writeback.envelope.secret import Secret
from writeback.heartbeat import LiveKeys
from writeback.ports import Intent, Preimage
from writeback.state import State, Switch, SwitchedOff
from writeback.vault import Vault

pytestmark = pytest.mark.slow

OTHER = signing_key("another portal")
INTENT_ID = bytes(15) + b"\x01"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(Secret(f"sqlite:///{tmp_path}/state.db"))


def test_until_somebody_uses_the_switch_each_host_trusts_its_file(state: State) -> None:
    switch = Switch(state)
    assert (switch.trusts(PORTAL.public), switch.is_off()) == (True, False)
    switch.switch_on()
    assert switch.trusts(PORTAL.public)


def test_a_site_can_be_switched_off_on_and_paired_again(state: State) -> None:
    switch = Switch(state)
    switch.pair(PORTAL.public)
    assert (switch.trusts(PORTAL.public), switch.trusts(OTHER.public)) == (True, False)
    switch.switch_off()
    assert (switch.trusts(PORTAL.public), switch.is_off()) == (False, True)
    with pytest.raises(SwitchedOff, match="writeback enable"):
        switch.pair(OTHER.public)
    switch.switch_on()
    assert (switch.trusts(PORTAL.public), switch.is_off()) == (False, False), "the old key is worth nothing"
    switch.pair(OTHER.public)
    switch.switch_on()  # on the next host
    assert switch.trusts(OTHER.public)


def vault_of(home: Path) -> Vault:
    return Vault(home / "keys", home / "run", home / "keys" / "portal.pub", time.time)


def test_a_host_forgets_a_key_that_another_host_has_switched_off(tmp_path: Path, state: State) -> None:
    vault = vault_of(tmp_path / "second host")
    vault.create()
    vault.pin_portal(write_portal_enrolment(PORTAL))
    keys = LiveKeys(vault)
    keys.switch = Switch(state)
    before = keys.current.recipient().rsa
    Switch(state).switch_off()
    keys.refresh()
    assert keys.current.portal is None
    assert not vault.portal_file.exists()
    assert keys.current.recipient().rsa != before


def test_a_key_that_was_pinned_meanwhile_is_not_forgotten_for_the_old_one(tmp_path: Path) -> None:
    vault = vault_of(tmp_path)
    vault.create()
    vault.pin_portal(write_portal_enrolment(OTHER))
    vault.forget_portal(PORTAL.public)
    assert vault.portal() == OTHER.public


def test_a_write_is_not_begun_once_the_site_is_off(tmp_path: Path) -> None:
    worker = FakeWorker(tmp_path)
    person = register(worker)
    opened = worker.begin("alice")
    person.prove(opened, MethodKind.EMAIL, MethodKind.TOTP)
    job = ResetPassword(site="main", attempt=opened.attempt)
    assert worker.journal.receive(INTENT_ID, job, expires=int(worker.clock.now()) + 100)
    operations = frozenset({Operation.RESET})
    attempt = worker.site.register.attempt(opened.attempt, operations=operations)
    assert attempt is not None
    Switch(worker.state).switch_off()
    preimage = Preimage(dc="dc1", pwd_last_set=0, locked=False)
    with pytest.raises(SwitchedOff):
        worker.journal.intend(
            Intent(jti=INTENT_ID, job="ResetPassword", locale="en", attempt=attempt, preimage=preimage)
        )
    with pytest.raises(SwitchedOff):
        worker.journal.receive(bytes(16), job, expires=int(worker.clock.now()) + 100)


@pytest.fixture
def hosts(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LiveWorker, LiveWorker]]:
    """Two workers that share a state and Redis, and have a folder of keys each, as on two hosts."""
    with running_redis(tmp_path_factory) as server:
        first = LiveWorker(tmp_path / "w1", server)
        shutil.copytree(first.home / "keys", tmp_path / "w2" / "keys")
        second = LiveWorker(tmp_path / "w2", server, name="w2", portal=first.portal, state_of=first)
        for worker in (first, second):
            worker.start()
        yield first, second
        for worker in (first, second):
            worker.stop()


@pytest.mark.redis
def test_disable_on_one_host_holds_for_the_whole_site_at_once(
    hosts: tuple[LiveWorker, LiveWorker],
) -> None:
    first, second = hosts
    for worker in hosts:
        answer = worker.ask()
        assert answer is not None
        assert answer.outcome is Outcome.DONE
    stolen = {worker.name: (worker.seal(BEGIN), worker) for worker in hosts}
    assert main(["disable", "--config", str(first.home / "writeback.toml")]) == 0
    for sealed, worker in stolen.values():
        worker.send(sealed)
        told = worker.answer(sealed, seconds=10)
        assert told is None or told.outcome is Outcome.NOT_TAKEN
    assert main(["status", "--config", str(second.home / "writeback.toml")]) == 1


def test_disable_without_the_state_says_that_only_this_host_is_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = WorkerFiles(tmp_path)
    assert files.run("setup") == 0
    for path in files.folder.glob("state.db*"):
        path.unlink() if path.is_file() else None
    (files.folder / "state.db").write_bytes(b"no database at all" * 100)
    assert files.run("disable") == 2
    assert "Only this host has forgotten" in capsys.readouterr().err
    assert (files.folder / "keys" / "disabled").exists()
