"""The journal: each job at most once, and never silently unknown."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, event, text

from tests.fakes.worker import FakeWorker, Registered
from writeback.envelope.answers import Answer, Applied, Outcome, PolicyFacts, PolicyRefusal, Rule, Wait
from writeback.envelope.jobs import Begin, Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.journal import SqlJournal
from writeback.ports import Attempt, Channel, Intent, JobState, Note, Preimage, StateAway

DONE = Answer(outcome=Outcome.DONE, facts=Applied(at=1, unlocked=False, dc="dc1"))
FULL = 2  # of PRAGMA synchronous
NOTE = Note(
    kind="notice-reset",
    channel=Channel.MAIL,
    to=Secret("a@home.example"),
    locale="en",
    parameters={"at": "1"},
)


def proven(alice: Registered) -> Attempt:
    """An attempt of alice with two proofs."""
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    found = alice.worker.site.register.attempt(opened.attempt, operations=frozenset({Operation.RESET}))
    assert found is not None
    return found


def received(worker: FakeWorker, attempt: Attempt) -> Intent:
    """A job that was received and is about to write."""
    jti = os.urandom(16)
    job = ResetPassword(site="main", attempt=attempt.id)
    assert worker.journal.receive(jti, job, expires=int(worker.clock.now()) + 120)
    preimage = Preimage(dc="dc1", pwd_last_set=7, locked=False)
    return Intent(jti=jti, job="ResetPassword", locale="de", attempt=attempt, preimage=preimage)


def test_a_second_delivery_stops(worker: FakeWorker) -> None:
    job = Begin(site="main", operation=Operation.RESET, name="alice")
    assert worker.journal.receive(b"j" * 16, job, expires=1)
    assert not worker.journal.receive(b"j" * 16, job, expires=1)


@pytest.mark.race
def test_twenty_deliveries_at_once_are_one_job(worker: FakeWorker) -> None:
    job = Begin(site="main", operation=Operation.RESET, name="alice")
    with ThreadPoolExecutor(20) as pool:
        taken = list(pool.map(lambda _: worker.journal.receive(b"j" * 16, job, expires=1), range(20)))
    assert taken.count(True) == 1


def test_an_intent_keeps_all_that_it_takes_to_resolve_it(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    assert alice.worker.journal.intend(intent) is None
    entry = alice.worker.journal.look_up(intent.jti)
    assert entry is not None
    assert (entry.state, entry.intent, entry.alive) == (JobState.INTENT, intent, True)
    assert entry.deadline == entry.intended + 15
    assert [one.jti for one in alice.worker.journal.intents()] == [intent.jti]


@contextmanager
def waits_for_the_disk() -> Iterator[list[bool]]:
    """Collect, for each transaction that is committed, whether it waits until it is on the disk."""
    waits: list[bool] = []

    def committed(connection: Connection) -> None:
        is_sqlite = connection.dialect.name == "sqlite"
        asked = "PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit"
        waits.append(connection.exec_driver_sql(asked).scalar_one() == (FULL if is_sqlite else "on"))

    event.listen(Engine, "commit", committed)
    try:
        yield waits
    finally:
        event.remove(Engine, "commit", committed)


def test_an_intent_and_its_outcome_are_on_the_disk_before_anybody_is_answered(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    with waits_for_the_disk() as waits:
        alice.worker.journal.intend(intent)
        alice.worker.journal.settle(intent.jti, DONE)
    assert waits == [True, True]


@pytest.mark.race
def test_twenty_jobs_of_one_attempt_at_once_make_one_intent(alice: Registered) -> None:
    attempt = proven(alice)
    intents = [received(alice.worker, attempt) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        refusals = list(pool.map(alice.worker.journal.intend, intents))
    assert refusals.count(None) == 1
    assert {refusal.outcome for refusal in refusals if refusal} == {Outcome.ATTEMPT_GONE}


@pytest.mark.race
def test_one_job_makes_one_intent(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    with ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(alice.worker.journal.intend, [intent] * 8))
    assert refusals.count(None) == 1


def test_no_job_is_applied_after_it_has_expired(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    alice.worker.clock.move(120)
    assert alice.worker.journal.intend(intent) == Answer(outcome=Outcome.EXPIRED)


def test_a_job_that_was_closed_is_never_applied(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    assert alice.worker.journal.close(intent.jti)
    assert alice.worker.journal.intend(intent) == Answer(outcome=Outcome.CLOSED)


def test_a_job_that_was_never_seen_can_be_closed_before_it_comes(worker: FakeWorker) -> None:
    assert worker.journal.close(b"j" * 16)
    job = Begin(site="main", operation=Operation.RESET, name="alice")
    assert not worker.journal.receive(b"j" * 16, job, expires=1)
    assert worker.journal.close(b"j" * 16)


def test_a_job_at_intent_can_not_be_closed(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    alice.worker.journal.intend(intent)
    assert not alice.worker.journal.close(intent.jti)


def test_a_job_that_may_have_changed_factors_can_not_be_closed(worker: FakeWorker) -> None:
    worker.journal.receive(b"j" * 16, Begin(site="main", operation=Operation.RESET, name="a"), expires=1)
    assert not worker.journal.close(b"j" * 16)


def test_too_few_proofs_make_no_intent(alice: Registered) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP)
    attempt = Attempt(
        id=opened.attempt,
        directory="corp",
        operation=Operation.RESET,
        guid=alice.account.guid,
        decoy=False,
    )
    refusal = alice.worker.journal.intend(received(alice.worker, attempt))
    assert refusal == Answer(outcome=Outcome.NOT_PROVEN)


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.PARTIAL, Outcome.UNKNOWN])
def test_proofs_are_spent_by_what_was_or_may_have_been_done(alice: Registered, outcome: Outcome) -> None:
    attempt = proven(alice)
    intent = received(alice.worker, attempt)
    alice.worker.journal.intend(intent)
    alice.worker.journal.settle(intent.jti, Answer(outcome=outcome))
    refusal = alice.worker.journal.intend(received(alice.worker, attempt))
    assert refusal == Answer(outcome=Outcome.ATTEMPT_GONE)


def test_a_refused_password_costs_no_proof_until_the_fifth(alice: Registered) -> None:
    attempt = proven(alice)
    for _ in range(5):
        intent = received(alice.worker, attempt)
        assert alice.worker.journal.intend(intent) is None
        alice.worker.journal.settle(intent.jti, Answer(outcome=Outcome.REFUSED_BY_POLICY))
    refusal = alice.worker.journal.intend(received(alice.worker, attempt))
    assert refusal == Answer(outcome=Outcome.ATTEMPT_GONE)


@pytest.mark.parametrize("outcome", [Outcome.DIRECTORY_AWAY, Outcome.DIRECTORY_REFUSED])
def test_only_refused_passwords_wear_an_attempt_out(alice: Registered, outcome: Outcome) -> None:
    attempt = proven(alice)
    for _ in range(5):
        intent = received(alice.worker, attempt)
        assert alice.worker.journal.intend(intent) is None
        alice.worker.journal.settle(intent.jti, Answer(outcome=outcome))
    alice.worker.clock.move(5)
    refusal = alice.worker.journal.intend(received(alice.worker, attempt))
    assert refusal is not None
    assert refusal.outcome is Outcome.LIMIT_REACHED


def test_a_person_gets_five_intents_an_hour(alice: Registered) -> None:
    for refused in (3, 2):
        attempt = proven(alice)
        for _ in range(refused):
            intent = received(alice.worker, attempt)
            assert alice.worker.journal.intend(intent) is None
            alice.worker.journal.settle(intent.jti, Answer(outcome=Outcome.REFUSED_BY_POLICY))
        alice.worker.clock.move(61)
    refusal = alice.worker.journal.intend(received(alice.worker, proven(alice)))
    assert refusal is not None
    assert refusal.outcome == Outcome.LIMIT_REACHED
    assert isinstance(refusal.facts, Wait)
    assert 3000 < refusal.facts.seconds < 3600


def test_the_breaker_of_the_site_opens_and_outlives_a_restart(alice: Registered) -> None:
    worker = alice.worker
    attempt = proven(alice)
    with worker.state.writing() as tx:
        rows = [{"subject": "intent", "at": worker.clock.now(), "ticket": b"t"} for _ in range(60)]
        tx.execute(text("INSERT INTO hits (subject, at, ticket) VALUES (:subject, :at, :ticket)"), rows)
    again = SqlJournal(worker.state, worker.keys, worker.clock, worker.ceiling)
    refusal = again.intend(received(worker, attempt))
    assert refusal == Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=60))
    worker.clock.move(60)
    assert again.intend(received(worker, attempt)) is None


def test_the_outcome_and_its_facts_are_kept(alice: Registered) -> None:
    policy = PolicyFacts(min_length=8, complexity=True, history=5, min_age=0, names=("alice",))
    facts = PolicyRefusal(rules=(Rule.MIN_LENGTH,), policy=policy, length=3)
    answer = Answer(outcome=Outcome.REFUSED_BY_POLICY, facts=facts)
    intent = received(alice.worker, proven(alice))
    alice.worker.journal.intend(intent)
    alice.worker.journal.settle(intent.jti, answer)
    entry = alice.worker.journal.look_up(intent.jti)
    assert entry is not None
    kept = replace(answer, facts=replace(facts, left=4))
    assert (entry.state, entry.answer) == (JobState.REFUSED, kept)


def test_facts_that_could_hold_a_secret_are_not_kept(worker: FakeWorker) -> None:
    worker.corp.add("alice")
    jti = os.urandom(16)
    worker.ask(Begin(site="main", operation=Operation.RESET, name="alice"), jti=jti)
    entry = worker.journal.look_up(jti)
    assert entry is not None
    assert entry.answer == Answer(outcome=Outcome.DONE)


def test_an_intent_is_settled_once_and_its_owner_told_once(alice: Registered) -> None:
    intent = received(alice.worker, proven(alice))
    alice.worker.journal.intend(intent)
    alice.worker.journal.settle(intent.jti, DONE, notices=[NOTE])
    alice.worker.journal.settle(intent.jti, Answer(outcome=Outcome.UNKNOWN), notices=[NOTE])
    entry = alice.worker.journal.look_up(intent.jti)
    assert entry is not None
    assert entry.answer == DONE
    assert [note.kind for note in alice.worker.mails()] == ["notice-reset"]


def test_a_state_that_can_not_be_written_refuses_the_intent_and_keeps_the_proofs(alice: Registered) -> None:
    attempt = proven(alice)
    intent = received(alice.worker, attempt)
    with alice.worker.state.writing() as tx:
        tx.execute(text("ALTER TABLE hits RENAME TO gone"))
    with pytest.raises(StateAway):
        alice.worker.journal.intend(intent)
    with alice.worker.state.writing() as tx:
        tx.execute(text("ALTER TABLE gone RENAME TO hits"))
    assert alice.worker.journal.intend(intent) is None
