"""`writeback explain`: the whole truth about a name, on the worker's host."""

import re
import time

import pytest
from sqlalchemy import insert, update

from deploy.dev.lab import Lab
from tests.writeback.worker_files import WorkerFiles
from writeback.assembly import open_context, open_vault
from writeback.clock import SystemClock
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.ports import Owner
from writeback.proof.factor import Factor
from writeback.proof.factor_rows import row_of
from writeback.state.tables import factors

DAY = 86400
OPERATIONS = tuple(f"{operation.value}: " for operation in Operation)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, lab: Lab) -> WorkerFiles:
    """A worker's host; nothing here changes it but for one registration."""
    made = WorkerFiles(tmp_path_factory.mktemp("explain"))
    assert made.run("setup") == 0
    made.connect_directory(lab)
    return made


@pytest.fixture
def explain(files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> "Explain":
    return Explain(files, capsys)


class Explain:
    """The command, and what it says."""

    def __init__(self, files: WorkerFiles, capsys: pytest.CaptureFixture[str]) -> None:
        self._files, self._capsys = files, capsys

    def __call__(self, name: str) -> tuple[int, list[str]]:
        self._capsys.readouterr()
        status = self._files.run("explain", name)
        told = self._capsys.readouterr()
        return status, [line.strip() for line in (told.out + told.err).splitlines()]


def register(files: WorkerFiles, guid: bytes, method: MethodKind, at: float) -> None:
    config = files.config()
    context = open_context(config, open_vault(config), SystemClock())
    factor = Factor(
        id=guid[:15] + method.encode()[:1],
        owner=Owner(directory="corp", guid=guid),
        method=method,
        created=at,
    )
    with context.state.writing() as tx:
        tx.execute(insert(factors).values(**row_of(factor, context.keys)))
        made = {"confirmed": at, "state": "active"}
        tx.execute(update(factors).where(factors.c.id == factor.id).values(**made))
    context.state.close()


def test_a_served_person_is_explained_with_factors_and_operations(
    files: WorkerFiles, lab: Lab, explain: Explain
) -> None:
    alice = lab.people["alice"]
    register(files, alice.guid, MethodKind.TOTP, time.time() - 3 * DAY)
    register(files, alice.guid, MethodKind.BACKUP_CODES, time.time())
    for name in ("alice", "ALICE@corp.example", "CORP\\alice", alice.mail):
        status, said = explain(name)
        assert (status, said[0]) == (0, f"corp: alice  {alice.dn}")
    assert said[1:3] == [f"objectGUID {alice.guid.hex()}", "served"]
    assert f"mail: {alice.mail}" in said
    assert any(line.startswith("registered: totp since ") for line in said)
    assert any(line.startswith("registered: backup_codes") and "for a reset from" in line for line in said)
    assert said[-4:] == [
        "reset: not possible with the registered factors that are ready",
        "unlock: open",
        "change: open",
        "register: open with the AD password",
    ]


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("charlie", "because it lies below none of [scope] bases"),
        ("mallory", "because it is, or is a member of, a protected object of AD: "),
        ("krbtgt", "because adminCount is set"),
        ("svc-keyback", "because it is the worker's own account"),
    ],
)
def test_an_unserved_person_is_explained_with_every_reason(explain: Explain, name: str, because: str) -> None:
    status, said = explain(name)
    assert status == 1
    assert "not served" in said
    assert [line for line in said if line.startswith(because)]
    assert [line for line in said if line.startswith(OPERATIONS)] == []


def test_operations_switched_off_for_everybody_are_shown_as_such(
    files: WorkerFiles, explain: Explain
) -> None:
    whole = files.toml.read_text()
    files.toml.write_text(re.sub(r'"(UnlockAccount|SignIn)", ?', "", whole))
    try:
        _, said = explain("bob")
    finally:
        files.toml.write_text(whole)
    assert "unlock: switched off in [operations]" in said
    assert "register: switched off in [operations]" in said
    assert "change: open" in said


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ("disabled", "account: disabled"),
        ("must change", "account: must change the password at the next logon"),
    ],
)
def test_the_state_of_an_account_is_reported(lab: Lab, explain: Explain, state: str, line: str) -> None:
    name = next(name for name, person in lab.people.items() if person.state == state)
    _, said = explain(name)
    assert line in said
    assert ("reset: closed (account-disabled)" in said) is (state == "disabled")


def test_a_name_of_nobody_is_reported(explain: Explain) -> None:
    status, said = explain("nobody-at-all")
    assert status == 1
    assert said == ['corp: nobody has the account name, UPN or mail address "nobody-at-all".']


def test_a_group_that_protects_nobody_is_reported_first(files: WorkerFiles, explain: Explain) -> None:
    files.replace("CN=Keyback-Admins,OU=Groups,", "CN=Gone,OU=Groups,")
    try:
        status, said = explain("alice")
    finally:
        files.replace("CN=Gone,OU=Groups,", "CN=Keyback-Admins,OU=Groups,")
    assert status == 2
    assert said[-1].startswith("Nobody is served: [scope] names CN=Gone,OU=Groups,")
