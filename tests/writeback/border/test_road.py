"""Jobs go through a live worker and come back."""

from tests.writeback.border.live import LiveWorker
from writeback.envelope.answers import AttemptOpened, Outcome
from writeback.envelope.jobs import Health


def test_a_job_comes_back_answered(worker: LiveWorker) -> None:
    answer = worker.ask()
    assert answer is not None
    assert isinstance(answer.facts, AttemptOpened)


def test_health_tells_what_the_heartbeat_leaves_out(worker: LiveWorker) -> None:
    answer = worker.ask(Health(site="main"))
    assert answer is not None
    assert answer.outcome is Outcome.DONE
