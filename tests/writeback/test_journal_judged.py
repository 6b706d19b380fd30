"""A write that somebody else has judged meanwhile: applied beats all, and both are told."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text

from tests.fakes.directory import DC, FakeDirectory
from tests.fakes.worker import FakeWorker, Registered, register
from tests.writeback.test_journal import NOTE
from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.jobs import JobStatus, Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.handlers import resolve_intents
from writeback.ports import Account, Attempt, Intent, JobState, Preimage, Written
from writeback.state import State

NEW = "Spring-sun-77"
DONE = Answer(outcome=Outcome.DONE, facts=Applied(at=1, unlocked=False, dc=DC))
CLOSED = Answer(outcome=Outcome.CLOSED)
UNKNOWN = Answer(outcome=Outcome.UNKNOWN)
REFUSED = Answer(outcome=Outcome.REFUSED_BY_POLICY)


@dataclass
class HeldDirectory(FakeDirectory):
    """Holds one write up until another worker has judged it."""

    judges: list[FakeWorker] = field(default_factory=list)
    somebody_else_writes: bool = False
    loses_state: State | None = None

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        for judge in self.judges:
            if self.somebody_else_writes:
                self._set(self.people[account.guid], "Admin-made-it-1")
            judge.clock.move(16)
            resolve_intents(judge.site)
        if self.loses_state:
            with self.loses_state.writing() as tx:
                tx.execute(text("ALTER TABLE journal RENAME TO gone"))
        return super().reset_password(account, new, at=at)


@dataclass
class Held:
    """A worker whose write is held up, and the other one that judges it."""

    worker: FakeWorker
    other: FakeWorker
    corp: HeldDirectory
    alice: Registered
    attempt: bytes

    def reset(self, password: str = NEW) -> tuple[bytes, Answer | None]:
        sealed = self.worker.seal(ResetPassword(site="main", attempt=self.attempt), password)
        return sealed.jti, self.worker.give(sealed)

    def status(self, jti: bytes) -> Answer:
        return self.other.ask(JobStatus(site="main", jti=jti))

    def twice(self) -> list[dict[str, str | int | bool]]:
        """Return what the audit says of two verdicts on one write."""
        events = [*self.worker.audit.events, *self.other.audit.events]
        return [dict(facts) for event, _, facts in events if event == "write.judged-twice"]


@pytest.fixture
def held(worker: FakeWorker) -> Iterator[Held]:
    corp = HeldDirectory(worker.clock)
    worker.corp = corp
    worker.site.directories = {"corp": corp}
    alice = register(worker)
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    other = worker.successor()
    corp.judges.append(other)
    yield Held(worker, other, corp, alice, opened.attempt)
    if corp.loses_state:
        with corp.loses_state.writing() as tx:  # the next test may have the same database
            tx.execute(text("ALTER TABLE gone RENAME TO journal"))
    other.state.close()


def test_a_write_that_was_closed_meanwhile_and_applied_is_applied(held: Held) -> None:
    jti, answer = held.reset()
    assert answer is not None
    assert answer.outcome is Outcome.DONE
    assert held.status(jti) == answer
    assert {note.kind for note in held.other.mails()} == {"notice-reset"}
    (facts,) = held.twice()
    assert (facts["before"], facts["outcome"], facts["stands"]) == ("closed", "done", "done")


def test_a_write_that_was_closed_and_then_applied_spends_its_proofs(held: Held) -> None:
    held.reset()
    held.corp.judges.clear()
    _, answer = held.reset("Other-word-99")
    assert answer == Answer(outcome=Outcome.ATTEMPT_GONE)
    assert held.corp.writes == ["reset alice"]


def test_a_write_that_was_refused_after_it_was_closed_stays_closed(held: Held) -> None:
    jti, answer = held.reset("short")
    assert answer == CLOSED
    assert held.status(jti) == CLOSED
    assert held.other.mails() == []
    assert [facts["stands"] for facts in held.twice()] == ["closed"]


def test_a_refused_write_that_another_change_was_taken_for_is_unknown_and_not_done(held: Held) -> None:
    held.corp.somebody_else_writes = True
    jti, answer = held.reset("short")
    assert answer == UNKNOWN
    assert held.status(jti) == UNKNOWN
    assert [facts["stands"] for facts in held.twice()] == ["unknown"]


def test_a_done_write_that_was_found_done_is_reported_once(held: Held) -> None:
    held.corp.somebody_else_writes = True
    jti, answer = held.reset()
    assert answer is not None
    assert answer.outcome is Outcome.DONE
    assert held.status(jti).outcome is Outcome.DONE
    assert len(held.other.mails()) == 2  # one for each address


def intent_of(alice: Registered) -> Intent:
    """A job at INTENT."""
    worker = alice.worker
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    guid = alice.account.guid
    row = Attempt(id=opened.attempt, directory="corp", operation=Operation.RESET, guid=guid, decoy=False)
    jti = os.urandom(16)
    job = ResetPassword(site="main", attempt=row.id)
    assert worker.journal.receive(jti, job, expires=int(worker.clock.now()) + 120)
    before = Preimage(dc=DC, pwd_last_set=7, locked=False)
    intent = Intent(jti=jti, job="ResetPassword", locale="en", attempt=row, preimage=before)
    assert worker.journal.intend(intent) is None
    return intent


VERDICTS = {
    "closed, then applied": (CLOSED, DONE, True, DONE, JobState.APPLIED),
    "closed, then found applied": (CLOSED, DONE, False, DONE, JobState.APPLIED),
    "unknown, then applied": (UNKNOWN, DONE, True, DONE, JobState.APPLIED),
    "refused, then found applied": (REFUSED, DONE, False, DONE, JobState.APPLIED),
    "applied, then found not done": (DONE, CLOSED, False, DONE, JobState.APPLIED),
    "applied, then unknown": (DONE, UNKNOWN, False, DONE, JobState.APPLIED),
    "found applied, then refused": (DONE, REFUSED, True, UNKNOWN, JobState.UNKNOWN),
    "closed, then refused": (CLOSED, REFUSED, True, CLOSED, JobState.CLOSED),
    "unknown, then found not done": (UNKNOWN, CLOSED, False, UNKNOWN, JobState.UNKNOWN),
}


@pytest.mark.race
@pytest.mark.parametrize("verdicts", VERDICTS.values(), ids=VERDICTS.keys())
def test_one_of_two_verdicts_stands_and_both_are_recorded(
    alice: Registered, verdicts: tuple[Answer, Answer, bool, Answer, JobState]
) -> None:
    first, second, saw, stands, state = verdicts
    journal, intent = alice.worker.journal, intent_of(alice)
    assert journal.settle(intent.jti, first).before is None
    settled = journal.settle(intent.jti, second, notices=[NOTE] if second is DONE else (), saw=saw)
    assert (settled.before, settled.answer) == (first, stands)
    entry = journal.look_up(intent.jti)
    assert entry is not None
    assert (entry.state, entry.answer) == (state, stands)
    assert len(alice.worker.mails()) == (1 if second is DONE else 0)


def test_proofs_that_serve_another_job_by_then_are_spent_all_the_same(alice: Registered) -> None:
    journal, first = alice.worker.journal, intent_of(alice)
    journal.settle(first.jti, CLOSED)
    again = os.urandom(16)
    job = ResetPassword(site="main", attempt=first.attempt.id)
    assert journal.receive(again, job, expires=int(alice.worker.clock.now()) + 120)
    second = Intent(
        jti=again, job="ResetPassword", locale="en", attempt=first.attempt, preimage=first.preimage
    )
    assert journal.intend(second) is None
    journal.settle(first.jti, DONE, saw=True)
    journal.settle(again, REFUSED, saw=True)
    third = os.urandom(16)
    assert journal.receive(third, job, expires=int(alice.worker.clock.now()) + 120)
    gone = journal.intend(
        Intent(jti=third, job="ResetPassword", locale="en", attempt=first.attempt, preimage=first.preimage)
    )
    assert gone == Answer(outcome=Outcome.ATTEMPT_GONE)


@pytest.mark.parametrize("judged", [True, False])
def test_a_done_write_without_a_journal_is_reported_done_only_if_unjudged(held: Held, judged: bool) -> None:
    if not judged:
        held.corp.judges.clear()
    held.corp.loses_state = held.worker.state
    _, answer = held.reset()
    assert answer is not None
    assert answer.outcome is (Outcome.UNKNOWN if judged else Outcome.DONE)
    assert held.corp.writes == ["reset alice"]
