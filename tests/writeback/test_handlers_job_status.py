"""JobStatus: every job ends in something true, whatever died and when."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.fakes.directory import DC
from tests.fakes.worker import FakeWorker, Registered
from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.jobs import (
    ChangePassword,
    EnrolFactor,
    Job,
    JobStatus,
    Operation,
    ResetPassword,
    UnlockAccount,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.handlers import resolve_intents
from writeback.handlers.resolving import resolve
from writeback.ports import Intent, Preimage

NEW = "Spring-sun-77"
IN_PROGRESS = Answer(outcome=Outcome.IN_PROGRESS)
CLOSED = Answer(outcome=Outcome.CLOSED)
UNKNOWN = Answer(outcome=Outcome.UNKNOWN)


def status(worker: FakeWorker, jti: bytes, *, close: bool = False) -> Answer:
    return worker.ask(JobStatus(site="main", jti=jti, close=close))


@dataclass
class Crash:
    """A job that a worker took to INTENT, and the worker that comes after it."""

    jti: bytes
    dead: FakeWorker
    after: FakeWorker
    alice: Registered

    def write(self) -> None:
        """Do what the dead worker had sent before it died."""
        at = Preimage(dc=DC, pwd_last_set=0, locked=False)
        self.dead.corp.reset_password(self.alice.account, Secret(NEW), at=at)


@pytest.fixture
def crash(alice: Registered, worker: FakeWorker) -> Iterator[Crash]:
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    jti = os.urandom(16)
    take_to_intent(worker, ResetPassword(site="main", attempt=opened.attempt), jti, Operation.RESET)
    worker.state.processes.close()  # as death does
    after = worker.successor()
    yield Crash(jti, worker, after, alice)
    after.state.close()


def take_to_intent(
    worker: FakeWorker, job: ResetPassword | UnlockAccount | ChangePassword, jti: bytes, operation: Operation
) -> None:
    worker.journal.receive(jti, job, expires=int(worker.clock.now()) + 120)
    attempt = worker.site.register.attempt(job.attempt, operations=frozenset({operation}))
    assert attempt is not None
    account = worker.corp.people[attempt.guid].account
    name = type(job).__name__
    preimage = worker.corp.prepare(account)
    intent = Intent(jti=jti, job=name, locale="de", attempt=attempt, preimage=preimage)
    assert worker.journal.intend(intent) is None


def test_an_unseen_job_is_reported_so_and_can_be_closed_for_good(worker: FakeWorker) -> None:
    jti = os.urandom(16)
    assert status(worker, jti) == Answer(outcome=Outcome.NEVER_SEEN)
    assert status(worker, jti, close=True) == CLOSED
    assert status(worker, jti) == CLOSED
    assert not worker.journal.receive(jti, ResetPassword(site="main", attempt=b"a" * 16), expires=1)


def test_a_finished_job_is_reported_with_its_facts(alice: Registered, worker: FakeWorker) -> None:
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    jti = os.urandom(16)
    answer = worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW, jti=jti)
    assert answer.outcome == Outcome.DONE
    assert status(worker, jti) == status(worker, jti, close=True) == answer


def test_a_job_at_work_is_in_progress(worker: FakeWorker) -> None:
    worker.journal.receive(b"j" * 16, ResetPassword(site="main", attempt=b"a" * 16), expires=1)
    assert status(worker, b"j" * 16) == IN_PROGRESS
    assert status(worker, b"j" * 16, close=True) == CLOSED


@pytest.mark.parametrize("said", [Outcome.EXPIRED, Outcome.REFUSED, Outcome.REKEY, Outcome.CLOCK])
def test_a_write_that_was_never_applied_is_reported_as_closed(worker: FakeWorker, said: Outcome) -> None:
    worker.journal.receive(b"j" * 16, ResetPassword(site="main", attempt=b"a" * 16), expires=1)
    worker.journal.keep_answer(b"j" * 16, Answer(outcome=said))
    assert status(worker, b"j" * 16) == CLOSED


def take_and_die(worker: FakeWorker, job: Job) -> FakeWorker:
    worker.journal.receive(b"j" * 16, job, expires=1)
    worker.state.processes.close()
    return worker.successor()


def test_a_write_that_was_only_taken_when_its_worker_died_was_not_done(worker: FakeWorker) -> None:
    after = take_and_die(worker, ResetPassword(site="main", attempt=b"a" * 16))
    assert status(after, b"j" * 16) == CLOSED
    after.state.close()


def test_another_job_whose_worker_died_may_have_been_done(worker: FakeWorker) -> None:
    after = take_and_die(worker, EnrolFactor(site="main", attempt=b"a" * 16, method=MethodKind.TOTP))
    assert status(after, b"j" * 16) == UNKNOWN
    after.state.close()


def test_a_write_that_was_done_before_the_death_is_found_done_and_reported(crash: Crash) -> None:
    crash.write()
    resolve_intents(crash.after.site)
    answer = status(crash.after, crash.jti)
    assert answer.outcome == Outcome.DONE
    assert isinstance(answer.facts, Applied)
    assert answer.facts.dc == DC
    notes = crash.after.mails()
    assert {note.to.reveal() for note in notes} == {"alice@mail.example", "alice@home.example"}
    assert {(note.kind, note.locale) for note in notes} == {("notice-reset", "de")}
    assert crash.dead.corp.writes == ["reset alice"]


def test_the_resolved_outcome_is_recorded_with_account_and_controller(crash: Crash) -> None:
    crash.write()
    crash.after.audit.events.clear()
    resolve_intents(crash.after.site)
    ((event, _, facts),) = crash.after.audit.events
    assert event == "write.resolved"
    assert facts == {
        "job": "ResetPassword",
        "outcome": "done",
        "account": crash.alice.account.guid.hex(),
        "dc": DC,
    }


def test_one_of_two_simultaneous_resolvers_sends_the_notice(crash: Crash) -> None:
    crash.write()
    (entry,) = crash.after.journal.intents()
    resolve(entry, crash.after.site)
    crash.after.audit.events.clear()
    resolve(entry, crash.after.site)  # as read before the other was through
    assert crash.after.audit.events == []


def test_a_write_that_was_not_done_is_found_so_once_it_can_not_be_under_way(crash: Crash) -> None:
    assert status(crash.after, crash.jti) == IN_PROGRESS
    crash.after.clock.move(16)
    assert status(crash.after, crash.jti) == CLOSED
    assert crash.after.mails() == []
    assert crash.dead.corp.writes == []


def test_the_proofs_of_what_was_not_done_are_good_again(crash: Crash) -> None:
    crash.after.clock.move(16)
    resolve_intents(crash.after.site)
    entry = crash.after.journal.look_up(crash.jti)
    assert entry is not None
    assert entry.intent is not None
    job = ResetPassword(site="main", attempt=entry.intent.attempt.id)
    assert crash.after.ask(job, NEW).outcome == Outcome.DONE


def test_a_password_that_somebody_else_set_is_no_proof_of_ours(crash: Crash) -> None:
    crash.after.clock.move(1000)
    crash.write()
    assert status(crash.after, crash.jti) == UNKNOWN
    assert crash.after.mails() == []


def test_a_deleted_account_leaves_the_write_unknown(crash: Crash) -> None:
    crash.dead.corp.people.clear()
    assert status(crash.after, crash.jti) == UNKNOWN


def test_an_unreachable_directory_leaves_a_write_open_then_unknown(crash: Crash) -> None:
    crash.dead.corp.away = True
    crash.after.clock.move(16)
    assert status(crash.after, crash.jti) == IN_PROGRESS
    assert status(crash.after, crash.jti, close=True) == UNKNOWN
    crash.dead.corp.away = False
    assert status(crash.after, crash.jti) == CLOSED


def test_an_unresolved_job_ends_as_unknown(crash: Crash) -> None:
    crash.dead.corp.away = True
    crash.after.clock.move(120 + 600 + 1)
    resolve_intents(crash.after.site)
    assert crash.after.journal.intents() == []
    assert status(crash.after, crash.jti) == UNKNOWN


def test_a_lost_answer_is_unknown_until_the_directory_tells(alice: Registered, worker: FakeWorker) -> None:
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    worker.corp.loses_answers = True
    jti = os.urandom(16)
    job = ResetPassword(site="main", attempt=opened.attempt)
    assert worker.ask(job, NEW, jti=jti) == UNKNOWN
    assert status(worker, jti) == IN_PROGRESS
    assert worker.ask(job, "Other-word-99") == Answer(outcome=Outcome.ATTEMPT_GONE)
    worker.clock.move(16)
    assert status(worker, jti).outcome == Outcome.DONE
    assert {note.kind for note in worker.mails()} == {"notice-reset"}
    assert worker.corp.writes == ["reset alice"]


@pytest.mark.parametrize("was_done", [True, False])
def test_an_unlock_is_resolved_by_the_lock(alice: Registered, worker: FakeWorker, was_done: bool) -> None:
    worker.corp.change_account(alice.account.guid, locked=True)
    opened = worker.begin("alice", Operation.UNLOCK)
    alice.prove(opened, MethodKind.TOTP)
    jti = os.urandom(16)
    take_to_intent(worker, UnlockAccount(site="main", attempt=opened.attempt), jti, Operation.UNLOCK)
    worker.corp.change_account(alice.account.guid, locked=not was_done)
    worker.clock.move(16)
    assert status(worker, jti).outcome == (Outcome.DONE if was_done else Outcome.CLOSED)
