"""The portal asks a live worker over a real Redis, each with its own narrow account."""

import time

import pytest
from django.db import connection, transaction

from portal.dispatch import queries
from portal.dispatch.flows import TransactionOpenError, ask
from portal.dispatch.liveness import WorkerState
from tests.writeback.border.live import BEGIN, LiveWorker
from writeback.envelope.answers import AttemptOpened, HealthReport, Outcome
from writeback.envelope.jobs import Health, JobStatus, ResetPassword, SignIn
from writeback.envelope.secret import Secret


def test_a_question_to_a_real_worker_is_answered(paired: LiveWorker) -> None:
    reply = ask(BEGIN)
    assert reply.answer is not None
    assert isinstance(reply.answer.facts, AttemptOpened)
    assert (reply.worker, reply.sent, len(reply.jti)) == ("w1", True, 16)


def test_a_floor_holds_every_answer_back(paired: LiveWorker) -> None:
    started = time.monotonic()
    ask(BEGIN, floor=0.4)
    assert time.monotonic() - started >= 0.4


def test_a_password_travels_and_is_judged(paired: LiveWorker) -> None:
    reply = ask(SignIn(site="main", name="alice"), passwords=[Secret("Winter-rain-42")])
    assert reply.answer is not None
    assert reply.answer.outcome is Outcome.DONE


def test_a_job_that_was_never_seen_can_be_closed_for_good(paired: LiveWorker) -> None:
    never = bytes(16)
    seen = [ask(JobStatus(site="main", jti=never, close=close)).answer for close in (False, True, False)]
    assert [answer.outcome for answer in seen if answer] == [
        Outcome.NEVER_SEEN,
        Outcome.CLOSED,
        Outcome.CLOSED,
    ]


def test_a_reset_without_proof_is_refused(paired: LiveWorker) -> None:
    reply = ask(ResetPassword(site="main", attempt=bytes(16)), passwords=[Secret("x")])
    assert reply.answer is not None
    assert reply.answer.outcome is Outcome.ATTEMPT_GONE


def test_the_worker_is_seen_alive(paired: LiveWorker) -> None:
    assert queries.is_reachable("main")
    assert not queries.is_reachable("elsewhere")
    assert [(health.site, health.state) for health in queries.site_health()] == [("main", WorkerState.UP)]


def test_health_comes_sealed(paired: LiveWorker) -> None:
    answer = ask(Health(site="main")).answer
    assert answer is not None
    assert isinstance(answer.facts, HealthReport)


def test_nobody_is_asked_inside_a_transaction(paired: LiveWorker) -> None:
    with transaction.atomic():
        assert connection.in_atomic_block
        with pytest.raises(TransactionOpenError):
            ask(BEGIN)
