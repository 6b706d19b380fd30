"""Somebody whom nobody can tell, with no address in the directory or registered: the ceiling decides."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.worker import (
    DAY,
    PASSWORD,
    FakeWorker,
    Registered,
    ceiling_for_tests,
    enrol_paper,
    facts,
    step_up,
    totp,
)
from writeback.envelope.answers import Answer, FactorPending, HealthReport, Outcome, SignedIn, Unreachable
from writeback.envelope.jobs import (
    ChangePassword,
    Health,
    Operation,
    RemoveFactor,
    ResetPassword,
    UnlockAccount,
)
from writeback.envelope.methods import MethodKind
from writeback.ports import Note

pytestmark = pytest.mark.slow

NEW = "Autumn-leaves-77"
REFUSED = Answer(outcome=Outcome.UNREACHABLE)
ADMINISTRATORS = ["ann@corp.example", "ben@corp.example"]
MODES = list(Unreachable)


def worker_with(folder: Path, mode: Unreachable) -> FakeWorker:
    usual = ceiling_for_tests()
    rules = replace(usual.notify, administrators=tuple(ADMINISTRATORS), on_call=("ann@corp.example",))
    return FakeWorker(folder, ceiling=replace(usual, notify=replace(rules, unreachable=mode)))


def in_mode(worker: FakeWorker, mode: Unreachable) -> FakeWorker:
    """Return a worker on the same state and directory, with another ceiling."""
    ceiling = replace(worker.ceiling, notify=replace(worker.ceiling.notify, unreachable=mode))
    worker.ceiling = ceiling
    return worker.successor()


@pytest.fixture
def alice(tmp_path: Path) -> Registered:
    """Somebody with an app and paper, whose address in the directory is gone since."""
    worker = worker_with(tmp_path, Unreachable.TELL_ADMINISTRATORS)
    account = worker.corp.add("alice", locked=False)
    session = worker.sign_in("alice")
    step_up(worker, session)
    app = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    seed = app.secrets[0].reveal()
    worker.confirm(session.attempt, app.factor, totp(seed, worker.clock.now()))
    paper = enrol_paper(worker, session)
    worker.mails()
    worker.clock.move(2 * DAY)
    worker.corp.change_account(account.guid, mail="", locked=True)
    return Registered(account=account, address="", seed=seed, worker=worker, paper=paper)


def write(person: Registered, operation: Operation) -> Answer:
    worker = person.worker
    opened = worker.begin("alice", operation)
    if operation is Operation.CHANGE:
        worker.corp.change_account(person.account.guid, locked=False)
        return worker.ask(ChangePassword(site="main", attempt=opened.attempt), NEW, PASSWORD)
    person.prove(opened, MethodKind.TOTP, MethodKind.BACKUP_CODES)
    if operation is Operation.UNLOCK:
        return worker.ask(UnlockAccount(site="main", attempt=opened.attempt))
    return worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW)


def addresses(notes: list[Note]) -> list[str]:
    return [note.to.reveal() for note in notes]


WRITES = (Operation.RESET, Operation.UNLOCK, Operation.CHANGE)


@pytest.mark.parametrize("operation", WRITES)
def test_by_default_an_unreachable_person_is_served_and_administrators_are_told(
    alice: Registered, operation: Operation
) -> None:
    assert write(alice, operation).outcome is Outcome.DONE
    notes = alice.worker.mails()
    assert addresses(notes) == ADMINISTRATORS
    assert {(note.kind, note.parameters["done"]) for note in notes} == {
        ("notice-unreachable", operation.value)
    }
    assert notes[0].parameters["account"] == "alice@corp.example"
    (outcome,) = [each for event, _, each in alice.worker.audit.events if event == "write.outcome"]
    assert outcome["told"] == "administrators"


@pytest.mark.parametrize("operation", WRITES)
def test_a_ceiling_may_have_it_done_with_nobody_told(alice: Registered, operation: Operation) -> None:
    alice.worker = in_mode(alice.worker, Unreachable.TELL_NOBODY)
    assert write(alice, operation).outcome is Outcome.DONE
    assert alice.worker.mails() == []
    (outcome,) = [each for event, _, each in alice.worker.audit.events if event == "write.outcome"]
    assert outcome["told"] == "nobody"


@pytest.mark.parametrize("operation", WRITES)
def test_a_ceiling_may_refuse_it_and_the_answer_says_why(alice: Registered, operation: Operation) -> None:
    alice.worker = in_mode(alice.worker, Unreachable.REFUSE)
    assert write(alice, operation) == REFUSED
    assert (alice.worker.corp.writes, alice.worker.mails()) == ([], [])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("operation", WRITES)
def test_a_person_with_an_address_is_always_served_and_told(
    alice: Registered, operation: Operation, mode: Unreachable
) -> None:
    alice.worker.corp.change_account(alice.account.guid, mail="alice@mail.example")
    alice.worker = in_mode(alice.worker, mode)
    assert write(alice, operation).outcome is Outcome.DONE
    assert addresses(alice.worker.mails()) == ["alice@mail.example"]


def test_a_stranger_is_not_told_that_there_is_no_address(alice: Registered) -> None:
    alice.worker = in_mode(alice.worker, Unreachable.REFUSE)
    alice.worker.corp.change_account(alice.account.guid, locked=False)
    wrong = Answer(outcome=Outcome.WRONG_PASSWORD)
    for name in ("alice", "nobody"):
        opened = alice.worker.begin(name, Operation.CHANGE)
        job = ChangePassword(site="main", attempt=opened.attempt)
        assert alice.worker.ask(job, NEW, "Wrong-one-41") == wrong
    shown = [
        [offer.method for offer in alice.worker.begin(name).offers] for name in ("alice", "nobody", "bob")
    ]
    assert shown[0] == shown[1] == shown[2]


def test_a_refusal_spends_no_proof_and_counts_for_nothing(alice: Registered) -> None:
    alice.worker = in_mode(alice.worker, Unreachable.REFUSE)
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.BACKUP_CODES)
    job = ResetPassword(site="main", attempt=opened.attempt)
    assert [alice.worker.ask(job, NEW) for _ in range(7)] == [REFUSED] * 7
    alice.worker.corp.change_account(alice.account.guid, mail="alice@mail.example")
    assert alice.worker.ask(job, NEW).outcome is Outcome.DONE


def sign_in_without_address(worker: FakeWorker) -> SignedIn:
    worker.corp.add("bob", mail="")
    return worker.sign_in("bob")


def test_administrators_hear_of_a_first_way_without_an_address(tmp_path: Path) -> None:
    worker = worker_with(tmp_path, Unreachable.TELL_ADMINISTRATORS)
    session = sign_in_without_address(worker)
    mail = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "bob@home.example"), FactorPending)
    worker.confirm(session.attempt, mail.factor, worker.mailed_code())
    assert addresses(worker.mails()) == ["bob@home.example", *ADMINISTRATORS]
    app = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    worker.confirm(session.attempt, app.factor, totp(app.secrets[0].reveal(), worker.clock.now()))
    assert addresses(worker.mails()) == ["bob@home.example", *ADMINISTRATORS]


@pytest.mark.parametrize("method", MethodKind)
def test_nothing_is_registered_by_password_alone_if_nobody_could_be_told(
    tmp_path: Path, method: MethodKind
) -> None:
    worker = worker_with(tmp_path, Unreachable.REFUSE)
    session = sign_in_without_address(worker)
    destination = "bob@home.example" if method is MethodKind.EMAIL else None
    assert worker.enrol(session.attempt, method, destination) == REFUSED
    assert worker.list_factors(session.attempt).factors == ()
    assert worker.mails() == []


def test_a_way_that_is_pending_is_not_confirmed_once_nobody_can_be_told(tmp_path: Path) -> None:
    worker = worker_with(tmp_path, Unreachable.TELL_ADMINISTRATORS)
    session = sign_in_without_address(worker)
    app = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    worker = in_mode(worker, Unreachable.REFUSE)
    code = totp(app.secrets[0].reveal(), worker.clock.now())
    assert worker.confirm(session.attempt, app.factor, code) == REFUSED


def stepped_up(alice: Registered) -> SignedIn:
    alice.worker.corp.change_account(alice.account.guid, locked=False)
    session = alice.worker.sign_in("alice")
    handle = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert alice.worker.check(session.attempt, handle, alice.app_code()).outcome is Outcome.DONE
    return session


def test_a_registered_person_may_add_an_address_and_then_anything(alice: Registered) -> None:
    alice.worker = in_mode(alice.worker, Unreachable.REFUSE)
    session = stepped_up(alice)
    assert alice.worker.enrol(session.attempt, MethodKind.TOTP) == REFUSED
    mail = facts(alice.worker.enrol(session.attempt, MethodKind.EMAIL, "a@home.example"), FactorPending)
    code = alice.worker.mailed_code()
    assert alice.worker.confirm(session.attempt, mail.factor, code).outcome is Outcome.DONE
    assert alice.worker.enrol(session.attempt, MethodKind.TOTP).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("mode", "answer", "hear"),
    [
        (Unreachable.TELL_ADMINISTRATORS, Outcome.DONE, ADMINISTRATORS),
        (Unreachable.TELL_NOBODY, Outcome.DONE, []),
        (Unreachable.REFUSE, Outcome.UNREACHABLE, []),
    ],
)
def test_removing_a_way_is_held_to_the_same_rule(
    alice: Registered, mode: Unreachable, answer: Outcome, hear: list[str]
) -> None:
    alice.worker = in_mode(alice.worker, mode)
    session = stepped_up(alice)
    paper = next(
        one.factor
        for one in alice.worker.list_factors(session.attempt).factors
        if one.method is MethodKind.BACKUP_CODES
    )
    job = RemoveFactor(site="main", attempt=session.attempt, factor=paper)
    assert alice.worker.ask(job).outcome is answer
    assert addresses(alice.worker.mails()) == hear


def test_health_tells_a_portal_what_is_done_and_how_many_hear(tmp_path: Path) -> None:
    worker = worker_with(tmp_path, Unreachable.REFUSE)
    rules = facts(worker.ask(Health(site="main")), HealthReport).notices
    assert (rules.unreachable, rules.administrators, rules.on_call) == (Unreachable.REFUSE, 2, 1)
