"""What a person is told about a write is an end: the same sealed bytes are never applied afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import text

from portal.selfservice.outcomes import ending
from tests.fakes.worker import FakeWorker, Registered
from writeback.ceiling import Rate
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import (
    ChangePassword,
    Health,
    Job,
    JobStatus,
    ResetPassword,
    UnlockAccount,
    WriteJob,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.sealing import SealedJob
from writeback.handlers import HANDLERS
from writeback.ports import Request, Site

NEW = "Spring-sun-77"
ONE = (Rate(count=1, seconds=60),)


def is_end(outcome: Outcome) -> bool:
    """Tell whether the result page says that nothing was changed."""
    return ending(operation="reset", outcome=outcome, facts={}, waited=0).state == "not-done"


@dataclass
class Case:
    """A reset that alice has proven, and the worker that it goes to."""

    worker: FakeWorker
    alice: Registered
    attempt: bytes

    def reset(self, password: str = NEW) -> SealedJob:
        return self.worker.seal(ResetPassword(site="main", attempt=self.attempt), password)

    def account(self, **changes: object) -> None:
        self.worker.corp.change_account(self.alice.account.guid, **changes)

    def writes(self) -> list[str]:
        return self.worker.corp.writes


@pytest.fixture
def case(alice: Registered) -> Case:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    return Case(worker=alice.worker, alice=alice, attempt=opened.attempt)


def replay_everywhere(case: Case, sealed: SealedJob) -> list[Answer | None]:
    """Deliver a job again: now, to a worker that was restarted, after 61 s, and after the clock moved."""
    workers = [case.worker, case.worker.successor()]
    heard = []
    for seconds in (0, 61, -90, 29):
        case.worker.clock.move(seconds)
        heard += [worker.give(sealed) for worker in workers]
    workers[1].state.close()
    return heard


Refusal = Callable[[Case], tuple[SealedJob, Answer | None]]


def by_the_clock(ahead: float) -> Refusal:
    def refuse(case: Case) -> tuple[SealedJob, Answer | None]:
        sealed = case.reset()
        case.worker.clock.move(ahead)
        answer = case.worker.give(sealed)
        case.worker.clock.move(-ahead)
        return sealed, answer

    return refuse


def by_a_lost_key(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed, keys = case.reset(), case.worker.keyring
    case.worker.forget_prekeys()
    answer = case.worker.give(sealed)
    case.worker.keyring = keys
    return sealed, answer


def by_admission(case: Case) -> tuple[SealedJob, Answer | None]:
    case.worker.renew_intake(rates=ONE)
    case.worker.give(case.worker.seal(Health(site="main")))
    sealed = case.reset()
    answer = case.worker.give(sealed)
    case.worker.renew_intake()
    return sealed, answer


def by_the_journal(case: Case) -> tuple[SealedJob, Answer | None]:
    hits = [{"subject": "intent", "at": case.worker.clock.now(), "ticket": b"t"} for _ in range(60)]
    with case.worker.state.writing() as tx:
        tx.execute(text("INSERT INTO hits (subject, at, ticket) VALUES (:subject, :at, :ticket)"), hits)
    sealed = case.reset()
    answer = case.worker.give(sealed)
    with case.worker.state.writing() as tx:
        tx.execute(text("DELETE FROM hits"))
    return sealed, answer


def by_the_ceiling(case: Case) -> tuple[SealedJob, Answer | None]:
    site, sealed = case.worker.site, case.reset()
    site.allowed, before = (), site.allowed
    answer = case.worker.give(sealed)
    site.allowed = before
    return sealed, answer


def by_another_site(case: Case) -> tuple[SealedJob, Answer | None]:
    site, sealed = case.worker.site, case.reset()
    site.name, before = "elsewhere", site.name
    answer = case.worker.give(sealed)
    site.name = before
    return sealed, answer


def by_another_directory(case: Case) -> tuple[SealedJob, Answer | None]:
    site, sealed = case.worker.site, case.reset()
    site.directories, before = {}, site.directories
    answer = case.worker.give(sealed)
    site.directories = before
    return sealed, answer


def by_a_full_audit(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed = case.reset()
    case.worker.audit.full = True
    answer = case.worker.give(sealed)
    case.worker.audit.full = False
    return sealed, answer


def by_the_directory(name: str) -> Refusal:
    def refuse(case: Case) -> tuple[SealedJob, Answer | None]:
        sealed = case.reset()
        setattr(case.worker.corp, name, True)
        answer = case.worker.give(sealed)
        setattr(case.worker.corp, name, False)
        case.writes().clear()
        return sealed, answer

    return refuse


def by_the_account(**changes: object) -> Refusal:
    def refuse(case: Case) -> tuple[SealedJob, Answer | None]:
        sealed, before = case.reset(), case.worker.corp.people[case.alice.account.guid].account
        case.account(**changes)
        answer = case.worker.give(sealed)
        case.account(**{name: getattr(before, name) for name in changes})
        return sealed, answer

    return refuse


def by_a_missing_account(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed, people = case.reset(), dict(case.worker.corp.people)
    case.worker.corp.people.clear()
    answer = case.worker.give(sealed)
    case.worker.corp.people.update(people)
    return sealed, answer


def by_policy(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed, rules = case.reset(), case.worker.corp.rules
    case.worker.corp.rules = replace(rules, min_length=100)
    answer = case.worker.give(sealed)
    case.worker.corp.rules = rules
    case.writes().clear()
    return sealed, answer


def by_a_question(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed = case.reset()
    answer = case.worker.give(case.worker.seal(JobStatus(site="main", jti=sealed.jti, close=True)))
    return sealed, answer


REFUSALS: Mapping[str, tuple[Refusal, Outcome]] = {
    "a clock that is behind": (by_the_clock(-100), Outcome.CLOCK),
    "a clock that is ahead": (by_the_clock(120), Outcome.EXPIRED),
    "a lost key": (by_a_lost_key, Outcome.REKEY),
    "admission": (by_admission, Outcome.LIMIT_REACHED),
    "the breaker": (by_the_journal, Outcome.LIMIT_REACHED),
    "the ceiling": (by_the_ceiling, Outcome.NOT_ALLOWED),
    "another site": (by_another_site, Outcome.REFUSED),
    "a directory that is not served": (by_another_directory, Outcome.ATTEMPT_GONE),
    "a full audit": (by_a_full_audit, Outcome.STATE_AWAY),
    "no controller": (by_the_directory("away"), Outcome.DIRECTORY_AWAY),
    "a missing right": (by_the_directory("refuses_writes"), Outcome.DIRECTORY_REFUSED),
    "a disabled account": (by_the_account(disabled=True), Outcome.ACCOUNT_DISABLED),
    "an expired account": (by_the_account(expired=True), Outcome.ACCOUNT_EXPIRED),
    "a protected account": (by_the_account(admin_count=True), Outcome.PROTECTED_ACCOUNT),
    "a moved account": (by_the_account(dn="CN=alice,OU=Other,DC=corp,DC=example"), Outcome.OUT_OF_SCOPE),
    "a missing account": (by_a_missing_account, Outcome.ACCOUNT_GONE),
    "the policy": (by_policy, Outcome.REFUSED_BY_POLICY),
    "a question": (by_a_question, Outcome.CLOSED),
}


@pytest.mark.parametrize(("refuse", "outcome"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_write_that_was_refused_is_never_applied_later(
    case: Case, refuse: Refusal, outcome: Outcome
) -> None:
    sealed, answer = refuse(case)
    assert answer is not None
    assert answer.outcome is outcome
    assert is_end(outcome)
    assert replay_everywhere(case, sealed) == [None] * 8
    assert case.writes() == []
    # The proofs still are good, so it was not for them that the copies did nothing.
    again = case.worker.give(case.reset())
    assert again is not None
    assert again.outcome is Outcome.DONE


@pytest.mark.parametrize("kind", [ResetPassword, ChangePassword, UnlockAccount])
@pytest.mark.parametrize("said", [outcome for outcome in Outcome if outcome is not Outcome.NOT_TAKEN])
def test_a_handler_is_asked_once_whatever_it_answers(
    worker: FakeWorker, kind: type[WriteJob], said: Outcome
) -> None:
    asked = []

    def handle(request: Request[Job], site: Site) -> Answer:
        asked.append(request)
        return Answer(outcome=said)

    handlers = {**HANDLERS, kind: handle}
    worker.renew_intake(handlers=handlers)
    sealed = worker.seal(kind(site="main", attempt=bytes(16)), *["x"] * kind.passwords)
    assert worker.give(sealed) == Answer(outcome=said)
    for seconds in (0, 61, -90):
        worker.clock.move(seconds)
        assert worker.give(sealed) is None
        worker.renew_intake(handlers=handlers)
        assert worker.give(sealed) is None
    assert len(asked) == 1


def test_a_write_that_was_done_is_done_once(case: Case) -> None:
    sealed = case.reset()
    answer = case.worker.give(sealed)
    assert answer is not None
    assert answer.outcome is Outcome.DONE
    assert replay_everywhere(case, sealed) == [None] * 8
    assert case.writes() == ["reset alice"]


def without_a_journal(case: Case) -> tuple[SealedJob, Answer | None]:
    sealed = case.reset()
    for name, other in (("journal", "gone"), ("gone", "journal")):
        if name == "gone":
            answer = case.worker.give(sealed)
        with case.worker.state.writing() as tx:
            tx.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))
    return sealed, answer


def without_room_to_close(case: Case) -> tuple[SealedJob, Answer | None]:
    while not case.worker.intake.closings.wait():
        pass
    sealed = case.reset()
    case.worker.clock.move(120)
    answer = case.worker.give(sealed)
    case.worker.clock.move(-120)
    return sealed, answer


@pytest.mark.parametrize("refuse", [without_a_journal, without_room_to_close])
def test_a_write_that_can_not_be_closed_is_not_said_to_have_ended(case: Case, refuse: Refusal) -> None:
    sealed, answer = refuse(case)
    assert answer == Answer(outcome=Outcome.NOT_TAKEN)
    assert not is_end(Outcome.NOT_TAKEN)
    status = JobStatus(site="main", jti=sealed.jti)
    assert case.worker.give(case.worker.seal(status)) == Answer(outcome=Outcome.NEVER_SEEN)
    closed = case.worker.give(case.worker.seal(replace(status, close=True)))
    assert closed == Answer(outcome=Outcome.CLOSED)
    assert replay_everywhere(case, sealed) == [None] * 8
    assert case.writes() == []


def test_a_refusal_that_could_not_be_kept_is_not_said_to_be_an_end(
    case: Case,
) -> None:
    def handle(request: Request[Job], site: Site) -> Answer:
        with case.worker.state.writing() as tx:
            tx.execute(text("ALTER TABLE journal RENAME TO gone"))
        return Answer(outcome=Outcome.NOT_PROVEN)

    case.worker.renew_intake(handlers={**HANDLERS, ResetPassword: handle})
    assert case.worker.give(case.reset()) == Answer(outcome=Outcome.NOT_TAKEN)
    with case.worker.state.writing() as tx:  # the next test may have the same database
        tx.execute(text("ALTER TABLE gone RENAME TO journal"))


def test_copies_of_an_old_job_cost_nobody_else_anything(case: Case) -> None:
    case.worker.renew_intake(rates=(Rate(count=3, seconds=60),))
    old = case.worker.seal(Health(site="main"))
    case.worker.give(old)
    assert [case.worker.give(old) for _ in range(600)] == [None] * 600
    answer = case.worker.give(case.reset())
    assert answer is not None
    assert answer.outcome is Outcome.DONE


def test_a_copy_is_neither_opened_nor_written_down(case: Case) -> None:
    old = case.worker.seal(Health(site="main"))
    case.worker.give(old)
    case.worker.forget_prekeys()
    assert case.worker.give(old) is None
    with case.worker.state.reading() as tx:
        assert (
            tx.execute(text("SELECT count(*) FROM journal WHERE jti = :jti"), {"jti": old.jti}).scalar_one()
            == 1
        )


def test_every_final_outcome_that_a_page_shows_is_tested() -> None:
    tried = {outcome for _, outcome in REFUSALS.values()}
    of_the_intake = {Outcome.CLOCK, Outcome.EXPIRED, Outcome.REKEY, Outcome.LIMIT_REACHED, Outcome.REFUSED}
    assert of_the_intake <= tried
    assert all(is_end(outcome) for outcome in tried)


def test_a_job_of_the_far_future_is_forgotten_when_no_key_opens_it_any_more(worker: FakeWorker) -> None:
    now = worker.clock.now()
    assert worker.journal.refuse(b"j" * 16, expires=2**60)
    entry = worker.journal.look_up(b"j" * 16)
    assert entry is not None
    assert entry.expires == now + 24 * 3600
