"""Factors taken back by command: the right ones, their owners told, and nobody left outside for ever."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from deploy.dev.lab import Lab, Person
from tests.writeback.worker_files import WorkerFiles
from writeback.assembly import build_core, open_context, open_vault
from writeback.audit import lines
from writeback.clock import SystemClock
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.ports import Channel, Owner, Queued
from writeback.proof import SqlRegister
from writeback.proof.destination import read_destination
from writeback.proof.factor import Factor
from writeback.proof.factor_rows import row_of
from writeback.state.tables import attempts, chains, factors, marks

NOW = time.time()
BEFORE, AFTER = NOW - 7200, NOW - 1800
SINCE = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(NOW - 3600))


class Office:
    """The register of a site on the lab, and the commands that work on it."""

    def __init__(self, files: WorkerFiles) -> None:
        self.files = files
        config = files.config()
        self.context = open_context(config, open_vault(config), SystemClock())
        self.state, self.keys = self.context.state, self.context.keys
        self.outbox = build_core(self.context).outbox

    def add(self, person: Person, method: MethodKind, created: float, destination: str = "") -> None:
        factor = Factor(
            id=os.urandom(16),
            owner=Owner(directory="corp", guid=person.guid),
            method=method,
            secret=b"seed",
            destination=read_destination(Channel.MAIL, destination),
            created=created,
        )
        with self.state.writing() as tx:
            tx.execute(insert(factors).values(**row_of(factor, self.keys)))
            tx.execute(update(factors).where(factors.c.id == factor.id).values(confirmed=created))

    def of(self, person: Person) -> dict[str, str]:
        """Return the methods that the register has of somebody, with their states."""
        rows = select(factors.c.method, factors.c.state).where(factors.c.guid == person.guid)
        with self.state.reading() as tx:
            return {row.method: row.state for row in tx.execute(rows)}

    def know_browsers(self, *people: Person) -> None:
        """Make a browser known for each person."""
        with self.state.writing() as tx:
            for person in people:
                row = {"chain": os.urandom(16), "directory": "corp", "guid": person.guid, "at": BEFORE}
                tx.execute(insert(chains).values(**row))

    def browsers(self) -> set[bytes]:
        """Return whose browsers are known, by objectGUID."""
        with self.state.reading() as tx:
            return set(tx.execute(select(chains.c.guid).where(chains.c.guid != b"")).scalars())

    def mails(self) -> list[Queued]:
        return sorted(self.outbox.take(most=100, lease=60), key=lambda queued: queued.note.to.reveal())

    def events(self) -> list[str]:
        return [line.event for line in lines(self.files.folder / "audit.jsonl")]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = WorkerFiles(tmp_path_factory.mktemp("site"))
    assert made.run("setup") == 0
    return made.folder / "keys"


@pytest.fixture
def office(tmp_path: Path, keys: Path, lab: Lab) -> Iterator[Office]:
    # Each test has a state of its own.
    shutil.copytree(keys, tmp_path / "keys", ignore=shutil.ignore_patterns("state.id"))
    files = WorkerFiles(tmp_path)
    files.connect_directory(lab)
    office = Office(files)
    yield office
    office.state.close()


def test_revoke_removes_newer_factors_and_keeps_older_ones(office: Office, lab: Lab) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.TOTP, BEFORE)
    office.add(person, MethodKind.EMAIL, AFTER, "eve@evil.example")

    assert office.files.run("revoke", "--since", SINCE) == 0

    assert office.of(person) == {"totp": "active", "email": "removed"}


def test_the_owner_is_told_at_every_address_by_name(office: Office, lab: Lab) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.EMAIL, BEFORE, "home@example.com")
    office.add(person, MethodKind.TOTP, AFTER)

    office.files.run("revoke", "--since", SINCE)

    mails = office.mails()
    assert [mail.note.to.reveal() for mail in mails] == ["home@example.com", f"{person.name}@corp.example"]
    assert {mail.note.kind for mail in mails} == {"notice-factor-removed"}
    assert mails[0].note.parameters["account"] == person.name
    (event,) = [
        line for line in lines(office.files.folder / "audit.jsonl") if line.event == "factors.revoked"
    ]
    assert event.reference == mails[0].note.parameters["reference"]


def test_a_person_without_older_factors_may_register_anew(office: Office, lab: Lab) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.TOTP, AFTER)
    office.add(person, MethodKind.EMAIL, AFTER, "eve@evil.example")

    office.files.run("revoke", "--since", SINCE)

    assert office.of(person) == {}
    assert len(office.mails()) == 4, "two factors, each told to the directory's address and the one that goes"


def test_revoke_ends_open_attempts(office: Office, lab: Lab) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.TOTP, BEFORE - 86400 * 2)
    office.add(person, MethodKind.BACKUP_CODES, BEFORE - 86400 * 2)
    office.add(person, MethodKind.EMAIL, AFTER, "eve@evil.example")
    register = SqlRegister(office.context)
    opened = register.open(realm="corp", operation=Operation.RESET, name=Name(key=person.name), account=None)
    with office.state.writing() as tx:
        tx.execute(update(attempts).where(attempts.c.id == opened.attempt).values(guid=person.guid))
        row = {"attempt": opened.attempt, "method": MethodKind.TOTP, "factor": b"f" * 16, "at": BEFORE}
        tx.execute(insert(marks).values(**row))

    office.files.run("revoke", "--since", SINCE)

    only = frozenset({Operation.RESET})
    assert register.attempt(opened.attempt, operations=only) is None


def test_one_person_may_be_let_register_anew(office: Office, lab: Lab) -> None:
    person, other = lab.add_person(), lab.add_person()
    office.add(person, MethodKind.TOTP, BEFORE)
    office.add(other, MethodKind.TOTP, BEFORE)

    assert office.files.run("revoke", "--account", person.name) == 0

    assert office.of(person) == {}
    assert office.of(other) == {"totp": "active"}


def test_a_directory_that_is_away_keeps_no_factor_alive(office: Office, lab: Lab) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.EMAIL, AFTER, "eve@evil.example")
    office.files.replace(f"{lab.host}@{lab.address}:{lab.port}", f"{lab.host}@127.0.0.1:1")

    assert office.files.run("revoke", "--since", SINCE) == 0
    assert office.of(person) == {}


def test_all_browsers_are_strangers_after_a_capture(office: Office, lab: Lab) -> None:
    lost, kept = lab.add_person(), lab.add_person()
    office.add(lost, MethodKind.TOTP, AFTER)
    office.add(kept, MethodKind.TOTP, BEFORE)
    office.know_browsers(lost, kept)

    assert office.files.run("revoke", "--since", SINCE, "--dry-run") == 0
    assert office.browsers() == {lost.guid, kept.guid}
    assert office.files.run("revoke", "--since", SINCE) == 0
    assert office.browsers() == set()
    assert office.of(kept) == {"totp": "active"}
    audit = lines(office.files.folder / "audit.jsonl")
    assert [line.facts for line in audit if line.event == "browsers.forgotten"] == [{"count": 2}]


def test_one_persons_revocation_leaves_the_browsers_of_others_known(office: Office, lab: Lab) -> None:
    one, other = lab.add_person(), lab.add_person()
    office.know_browsers(one, other)

    assert office.files.run("revoke", "--account", one.name) == 0
    assert office.browsers() == {other.guid}


def test_a_dry_run_changes_nothing(office: Office, lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    person = lab.add_person()
    office.add(person, MethodKind.TOTP, AFTER)

    assert office.files.run("revoke", "--since", SINCE, "--dry-run") == 0
    assert office.of(person) == {"totp": "active"}
    assert person.name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--since", "yesterday"), '"yesterday" is not a time'),
        (("--since", "2999-01-01"), "is in the future"),
        (("--account", "nobody-of-that-name"), "is not the name of exactly one account in corp"),
        (("--account", "alice", "--directory", "other"), 'There is no directory "other"'),
    ],
)
def test_invalid_options_are_refused_with_a_sentence(
    office: Office, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert office.files.run("revoke", *arguments) == 2
    assert told in capsys.readouterr().err


def test_people_without_an_address_are_listed_by_revoke(
    office: Office, lab: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    told, untold = lab.add_person(), lab.add_person(mail="")
    for person in (told, untold):
        office.add(person, MethodKind.TOTP, AFTER)
    capsys.readouterr()

    office.files.run("revoke", "--since", SINCE)

    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "tell them yourself" in line] == [
        line for line in said if untold.name in line
    ]
    assert any(told.name in line for line in said)
