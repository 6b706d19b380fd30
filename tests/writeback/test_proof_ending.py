"""What was open of a person before a write ends with it: attempts, sign-ins, codes and pending factors."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import PASSWORD, FakeWorker, Registered, facts, register
from writeback.envelope.answers import Answer, Applied, AttemptOpened, FactorPending, Outcome, SignedIn
from writeback.envelope.jobs import (
    ChangePassword,
    ConfirmFactor,
    JobStatus,
    Operation,
    RemoveFactor,
    ResetPassword,
    UnlockAccount,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.handlers import resolve_intents
from writeback.journal import SqlJournal
from writeback.ports import Intent
from writeback.proof.revoking import Addressee, revoke
from writeback.state.tables import codes, factors

pytestmark = pytest.mark.slow

GONE = Answer(outcome=Outcome.ATTEMPT_GONE)
NEW, OTHER = "Spring-sun-77", "Summer-sea-88"
MINUTE = 60


def proven(alice: Registered, operation: Operation = Operation.RESET) -> AttemptOpened:
    """An attempt with two proofs; a minute later, so that another code may be sent."""
    alice.worker.clock.move(MINUTE + 1)
    opened = alice.worker.begin(alice.account.name, operation)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    return opened


def stepped_up(alice: Registered) -> SignedIn:
    session = alice.worker.sign_in(alice.account.name)
    alice.worker.clock.move(MINUTE + 1)
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert alice.worker.check(session.attempt, app, alice.app_code()).outcome is Outcome.DONE
    return session


def reset(alice: Registered, opened: AttemptOpened, password: str = NEW) -> Answer:
    return alice.worker.ask(ResetPassword(site="main", attempt=opened.attempt), password)


def unlock(alice: Registered, opened: AttemptOpened) -> Answer:
    alice.worker.corp.change_account(alice.account.guid, locked=True)
    return alice.worker.ask(UnlockAccount(site="main", attempt=opened.attempt))


def change(alice: Registered, _: AttemptOpened) -> Answer:
    opened = alice.worker.begin(alice.account.name, Operation.CHANGE)
    job = ChangePassword(site="main", attempt=opened.attempt)
    return alice.worker.ask(job, NEW, PASSWORD)


WRITES: dict[str, tuple[Operation, Callable[[Registered, AttemptOpened], Answer]]] = {
    "reset": (Operation.RESET, reset),
    "unlock": (Operation.UNLOCK, unlock),
    "change": (Operation.RESET, change),
}


@pytest.mark.parametrize("write", list(WRITES))
def test_a_write_ends_every_other_sign_in_and_attempt_of_the_person(alice: Registered, write: str) -> None:
    worker, (operation, act) = alice.worker, WRITES[write]
    session = stepped_up(alice)
    pending = facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending)
    theirs = proven(alice)
    answer = act(alice, proven(alice, operation))
    ended = 3 if write == "change" else 2
    assert facts(answer, Applied).ended == ended
    assert facts(answer, Applied).account == alice.account.guid
    assert worker.confirm(session.attempt, pending.factor, "") == GONE
    assert worker.enrol(session.attempt, MethodKind.TOTP) == GONE
    some = next(iter(session.offers)).factor
    assert worker.ask(RemoveFactor(site="main", attempt=session.attempt, factor=some)) == GONE
    assert reset(alice, theirs, OTHER) == GONE
    assert worker.corp.people[alice.account.guid].password != OTHER


@pytest.mark.parametrize("write", list(WRITES))
def test_the_notice_and_the_audit_say_how_many_were_ended(alice: Registered, write: str) -> None:
    operation, act = WRITES[write]
    stepped_up(alice)
    mine = proven(alice, operation)
    alice.worker.mails()
    alice.worker.audit.events.clear()
    act(alice, mine)
    ended = 2 if write == "change" else 1
    notes = alice.worker.mails()
    assert {note.parameters["ended"] for note in notes} == {str(ended)}
    told = [about for event, _, about in alice.worker.audit.events if event == "write.outcome"]
    assert [about["ended"] for about in told] == [ended]


def test_nothing_is_said_of_attempts_that_were_over_before(alice: Registered) -> None:
    stepped_up(alice)
    proven(alice)
    alice.worker.clock.move(16 * MINUTE)
    answer = reset(alice, proven(alice))
    assert facts(answer, Applied).ended == 0
    assert all("ended" not in note.parameters for note in alice.worker.mails())


def test_codes_and_pending_factors_go_with_the_attempts(alice: Registered) -> None:
    worker = alice.worker
    session = stepped_up(alice)
    worker.clock.move(MINUTE + 1)
    worker.enrol(session.attempt, MethodKind.EMAIL, "new@home.example")
    other, mine = worker.begin("alice"), proven(alice)
    worker.clock.move(MINUTE + 1)
    mail = next(offer.factor for offer in other.offers if offer.method is MethodKind.EMAIL)
    worker.mails()
    assert worker.start(other.attempt, mail).outcome is Outcome.DONE
    code = worker.mailed_code()
    assert facts(reset(alice, mine), Applied).ended == 2
    # Nothing was proven in the other one: it goes on like one of nobody's, and no code is right in it.
    assert worker.check(other.attempt, mail, code).outcome is Outcome.WRONG_CODE
    with worker.state.reading() as tx:
        signed_in = select(func.count()).select_from(codes).where(codes.c.attempt == session.attempt)
        assert tx.execute(signed_in).scalar_one() == 0
        pending = select(func.count()).select_from(factors).where(factors.c.state == "pending")
        assert tx.execute(pending).scalar_one() == 0


def test_a_refused_password_ends_nothing(alice: Registered) -> None:
    session, other = stepped_up(alice), proven(alice)
    assert reset(alice, proven(alice), "short").outcome is Outcome.REFUSED_BY_POLICY
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE
    assert reset(alice, other).outcome is Outcome.DONE


def test_a_wrong_old_password_ends_nothing(alice: Registered) -> None:
    session = stepped_up(alice)
    opened = alice.worker.begin("alice", Operation.CHANGE)
    job = ChangePassword(site="main", attempt=opened.attempt)
    assert alice.worker.ask(job, NEW, "wrong").outcome is Outcome.WRONG_PASSWORD
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE


def test_attempts_of_other_people_stay_open(alice: Registered) -> None:
    carol = register(alice.worker, "carol")
    session = stepped_up(carol)
    assert reset(alice, proven(alice)).outcome is Outcome.DONE
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE


def test_a_write_that_may_have_been_done_ends_the_others_too(alice: Registered) -> None:
    session, other = stepped_up(alice), proven(alice)
    mine = proven(alice)
    alice.worker.corp.loses_answers = True
    assert reset(alice, mine).outcome is Outcome.UNKNOWN
    alice.worker.corp.loses_answers = False
    assert alice.worker.enrol(session.attempt, MethodKind.TOTP) == GONE
    assert reset(alice, other, OTHER) == GONE


@pytest.mark.parametrize("by", ["the heartbeat", "the question what became of it"])
def test_a_write_that_another_worker_finds_done_ends_the_others_too(alice: Registered, by: str) -> None:
    worker = alice.worker
    mine, jti = proven(alice), b"j" * 16
    worker.corp.loses_answers = True
    job = ResetPassword(site="main", attempt=mine.attempt)
    assert worker.ask(job, NEW, jti=jti).outcome is Outcome.UNKNOWN
    worker.corp.loses_answers = False
    session, other = worker.sign_in("alice", NEW), worker.begin("alice")
    assert worker.list_factors(session.attempt).stepped_up is False
    worker.clock.move(16)
    worker.mails()
    if by == "the heartbeat":
        resolve_intents(worker.site)
    answer = worker.ask(JobStatus(site="main", jti=jti))
    assert facts(answer, Applied).ended == 2
    assert {note.parameters["ended"] for note in worker.mails()} == {"2"}
    assert worker.enrol(session.attempt, MethodKind.TOTP) == GONE
    app = next(offer.factor for offer in other.offers if offer.method is MethodKind.TOTP)
    assert worker.check(other.attempt, app, alice.app_code()).outcome is Outcome.WRONG_CODE


@pytest.mark.race
def test_one_of_two_simultaneous_proven_attempts_sets_a_password(alice: Registered) -> None:
    both = [proven(alice), proven(alice)]
    begin = Barrier(2)

    def act(opened: AttemptOpened) -> Outcome:
        begin.wait()
        return reset(alice, opened).outcome

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(act, both))
    assert outcomes == [Outcome.ATTEMPT_GONE, Outcome.DONE]
    assert alice.worker.corp.writes == ["reset alice"]


class Meanwhile(SqlJournal):
    """A journal that does something else once, between an INTENT and its write."""

    def __init__(self, worker: FakeWorker, act: Callable[[], Answer]) -> None:
        super().__init__(worker.state, worker.keys, worker.clock, worker.ceiling)
        self._act, self.answers = act, list[Answer]()

    def intend(self, intent: Intent) -> Answer | None:
        refusal = super().intend(intent)
        if not self.answers:
            self.answers.append(GONE)
            self.answers[0] = self._act()
        return refusal


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK])
def test_while_one_write_is_under_way_no_other_begins(alice: Registered, operation: Operation) -> None:
    first, second = proven(alice), proven(alice, operation)
    act = WRITES[operation.value][1]
    alice.worker.site.journal = journal = Meanwhile(alice.worker, lambda: act(alice, second))
    assert reset(alice, first).outcome is Outcome.DONE
    assert journal.answers == [GONE]
    assert alice.worker.corp.writes == ["reset alice"]


CHANGES: dict[str, tuple[dict[str, Any], Outcome]] = {
    "disabled": ({"disabled": True}, Outcome.ACCOUNT_DISABLED),
    "expired": ({"expired": True}, Outcome.ACCOUNT_EXPIRED),
    "moved away": ({"dn": "CN=alice,OU=Guests,DC=corp,DC=example"}, Outcome.OUT_OF_SCOPE),
    "made an admin": ({"sids": frozenset({f"{DOMAIN}-1", f"{DOMAIN}-512"})}, Outcome.PROTECTED_ACCOUNT),
    "given another password": ({"pwd_last_set": 2**62}, Outcome.ATTEMPT_GONE),
    "to change the password at the next logon": ({"pwd_last_set": 0}, Outcome.ATTEMPT_GONE),
}


@pytest.mark.parametrize("what", list(CHANGES))
@pytest.mark.parametrize("verb", ["enrol", "confirm", "remove"])
def test_a_change_by_an_admin_since_the_sign_in_holds(alice: Registered, what: str, verb: str) -> None:
    worker, session = alice.worker, stepped_up(alice)
    pending = facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending)
    mail = next(one for one in worker.list_factors(session.attempt).factors if one.method is MethodKind.EMAIL)
    changes, outcome = CHANGES[what]
    worker.corp.change_account(alice.account.guid, **changes)
    answers = {
        "enrol": lambda: worker.enrol(session.attempt, MethodKind.TOTP),
        "confirm": lambda: worker.confirm(session.attempt, pending.factor, ""),
        "remove": lambda: worker.ask(RemoveFactor(site="main", attempt=session.attempt, factor=mail.factor)),
    }
    assert answers[verb]() == Answer(outcome=outcome)
    with worker.state.reading() as tx:
        active = select(func.count()).select_from(factors).where(factors.c.state == "active")
        assert tx.execute(active).scalar_one() == 2


def test_a_domain_controller_that_lags_behind_ends_no_sign_in(alice: Registered) -> None:
    session = stepped_up(alice)
    older = alice.account.pwd_last_set - 1
    alice.worker.corp.change_account(alice.account.guid, pwd_last_set=older)
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE


def test_proofs_of_a_removed_factor_are_worth_nothing(alice: Registered) -> None:
    worker = alice.worker
    thief_resets, thief = proven(alice), stepped_up(alice)
    owner = worker.sign_in("alice")
    worker.clock.move(MINUTE + 1)
    mail = next(offer.factor for offer in owner.offers if offer.method is MethodKind.EMAIL)
    worker.start(owner.attempt, mail)
    assert worker.check(owner.attempt, mail, worker.mailed_code()).outcome is Outcome.DONE
    listed = worker.list_factors(owner.attempt).factors
    app = next(one.factor for one in listed if one.method is MethodKind.TOTP)
    removed = worker.ask(RemoveFactor(site="main", attempt=owner.attempt, factor=app))
    assert removed.outcome is Outcome.DONE
    assert worker.enrol(thief.attempt, MethodKind.BACKUP_CODES) == Answer(outcome=Outcome.NOT_PROVEN)
    assert reset(alice, thief_resets) == Answer(outcome=Outcome.NOT_PROVEN)
    assert worker.enrol(owner.attempt, MethodKind.TOTP).outcome is Outcome.DONE


def test_a_code_that_was_sent_before_a_revocation_is_not_right_after_it(alice: Registered) -> None:
    worker, opened = alice.worker, alice.worker.begin("alice")
    mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    worker.start(opened.attempt, mail)
    code = worker.mailed_code()
    owner = Addressee(directory="corp", guid=alice.account.guid)
    revoke(worker.context, owner, since=0, reference="ABCD-EFGH")
    worker.mails()
    assert worker.check(opened.attempt, mail, code).outcome is Outcome.WRONG_CODE
    worker.clock.move(MINUTE + 1)
    assert worker.start(opened.attempt, mail).outcome is Outcome.DONE
    assert worker.mails() == []


@pytest.mark.race
def test_a_factor_is_not_confirmed_once_the_sign_in_is_ended_at_the_same_moment(worker: FakeWorker) -> None:
    """However the two meet, a confirmed factor was there before the reset, or is not there at all."""
    alice = register(worker)
    session, mine = stepped_up(alice), proven(alice)
    pending = facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending)
    begin = Barrier(2)

    def confirm() -> Outcome:
        begin.wait()
        job = ConfirmFactor(site="main", attempt=session.attempt, factor=pending.factor, code=Secret(""))
        return worker.ask(job).outcome

    def set_password() -> Outcome:
        begin.wait()
        return reset(alice, mine).outcome

    with ThreadPoolExecutor(2) as pool:
        confirmed, done = pool.submit(confirm), pool.submit(set_password)
    assert done.result() is Outcome.DONE
    assert confirmed.result() in {Outcome.DONE, Outcome.ATTEMPT_GONE, Outcome.FACTOR_GONE}
    assert worker.enrol(session.attempt, MethodKind.TOTP) == GONE
