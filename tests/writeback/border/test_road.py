"""Jobs go through a live worker and come back."""

import time

from tests.writeback.border.live import LiveWorker
from writeback.envelope.answers import AttemptOpened, Outcome
from writeback.envelope.jobs import Health


def test_a_job_comes_back_answered_within_the_blink_of_an_eye(worker: LiveWorker) -> None:
    worker.ask()
    took = []
    for _ in range(10):
        sealed = worker.seal()
        started = time.perf_counter()
        worker.send(sealed)
        answer = worker.answer(sealed)
        took.append(time.perf_counter() - started)
        assert answer is not None
        assert isinstance(answer.facts, AttemptOpened)
    assert min(took) < 0.1


def test_health_tells_what_the_heartbeat_leaves_out(worker: LiveWorker) -> None:
    answer = worker.ask(Health(directory="corp"))
    assert answer is not None
    assert answer.outcome is Outcome.DONE
