"""Two workers of a site: the next one is asked when one does not take a job, and nothing is done twice."""

import time
from dataclasses import dataclass, field, replace

import pytest

from portal.dispatch import flows, queries
from portal.dispatch.flows import ask
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.workers import known_workers
from tests.envelope.examples import ATTEMPT, FACTOR
from tests.envelope.keys import prekey
from tests.portal.dispatch.played import PlayedWorker, Stage
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import CheckFactor, Job, JobStatus, ListFactors, ResetPassword
from writeback.envelope.sealing import authenticate, open_package
from writeback.envelope.secret import Secret

pytestmark = pytest.mark.slow

LIST = ListFactors(site="main", attempt=ATTEMPT)
RESET = ResetPassword(site="main", attempt=ATTEMPT)
CODE = CheckFactor(site="main", attempt=ATTEMPT, factor=FACTOR, code=Secret("123456"))


@dataclass
class Pair:
    """Two workers of the site `main`; the jobs that each was sent."""

    stage: Stage
    second: PlayedWorker
    mute: set[str] = field(default_factory=lambda: {"w1"})
    late: list[bytes] = field(default_factory=list)
    jobs: list[tuple[str, Job]] = field(default_factory=list)

    def do(self, worker: str, sealed: bytes) -> list[bytes]:
        played = {"w1": self.stage.worker, "w2": self.second}[worker]
        self.jobs.append((worker, open_package(authenticate(sealed, played.portal), played.keys).job))
        if worker not in self.mute:
            return played.do(worker, sealed)
        self.late.append(sealed)
        return []

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Which worker was sent which job, in order."""
        return [
            (worker, f"close={job.close}" if isinstance(job, JobStatus) else type(job).__name__)
            for worker, job in self.jobs
        ]


@pytest.fixture
def pair(stage: Stage) -> Pair:
    Site.objects.update(workers=["w1", "w2"])
    keys = replace(stage.worker.keys, prekeys=(prekey("prekey of w2"),))
    second = replace(stage.worker, name="w2", keys=keys, says=[Outcome.DONE])
    stage.box.beats["main", "w2"] = second.beat()
    stage.restart_portal()
    made = Pair(stage, second)
    stage.box.on_send = made.do
    return made


def reset() -> Outcome | None:
    answer = ask(RESET, passwords=[Secret("new")], wait=0.4).answer
    return answer.outcome if answer else None


def records() -> list[str]:
    return [record.outcome for record in JobRecord.objects.order_by("sent_at")]


def test_a_write_goes_to_the_next_worker_once_it_is_closed(pair: Pair) -> None:
    pair.second.says = [Outcome.NEVER_SEEN, Outcome.CLOSED, Outcome.DONE]
    assert reset() is Outcome.DONE
    assert pair.sent == [
        ("w1", "ResetPassword"),
        ("w2", "close=False"),
        ("w2", "close=True"),
        ("w2", "ResetPassword"),
    ]
    assert records() == [Outcome.CLOSED, Outcome.DONE]
    asked_about = {job.jti.hex() for _, job in pair.jobs if isinstance(job, JobStatus)}
    assert asked_about == {JobRecord.objects.earliest("sent_at").jti}


def test_a_job_that_must_not_count_twice_is_closed_before_the_next_worker_gets_it(pair: Pair) -> None:
    pair.second.says = [Outcome.NEVER_SEEN, Outcome.CLOSED, Outcome.DONE]
    answer = ask(CODE, wait=0.4).answer
    assert answer is not None
    assert [kind for _, kind in pair.sent] == ["CheckFactor", "close=False", "close=True", "CheckFactor"]


def test_a_job_that_only_reads_goes_to_the_next_worker_at_once(pair: Pair) -> None:
    assert ask(LIST, wait=0.4).answer is not None
    assert pair.sent == [("w1", "ListFactors"), ("w2", "ListFactors")]


@pytest.mark.parametrize(
    "says", [[Outcome.IN_PROGRESS], [Outcome.UNKNOWN], [Outcome.NEVER_SEEN, Outcome.UNKNOWN]]
)
def test_a_write_taken_by_a_worker_stays_with_it(pair: Pair, says: list[Outcome]) -> None:
    pair.second.says = says
    assert reset() is None
    assert ("w2", "ResetPassword") not in pair.sent
    assert records() == [""]


def test_the_late_answer_of_the_first_worker_is_waited_for(pair: Pair) -> None:
    pair.second.says = [Outcome.IN_PROGRESS]
    do = pair.do

    def answer_late(worker: str, sealed: bytes) -> list[bytes]:
        told = do(worker, sealed)
        if worker == "w2":
            (first,) = pair.late
            pair.stage.box.replies[first[26:42]].extend(pair.stage.worker.do("w1", first))
        return told

    pair.stage.box.on_send = answer_late
    assert reset() is Outcome.DONE
    assert pair.sent == [("w1", "ResetPassword"), ("w2", "close=False")]
    assert records() == [Outcome.DONE]


@pytest.mark.parametrize("judged", [Outcome.DONE, Outcome.REFUSED_BY_POLICY])
def test_the_outcome_known_to_the_other_worker_is_the_answer(pair: Pair, judged: Outcome) -> None:
    pair.second.says = [judged]
    assert reset() is judged
    assert pair.sent == [("w1", "ResetPassword"), ("w2", "close=False")]
    assert records() == [judged]


def test_the_page_goes_on_asking_while_no_worker_answers(pair: Pair) -> None:
    pair.mute = {"w1", "w2"}
    started = time.monotonic()
    assert reset() is None
    assert time.monotonic() - started >= 0.4
    assert pair.sent == [("w1", "ResetPassword"), ("w2", "close=False")]
    assert records() == [""]


def test_an_unsent_status_question_says_nothing_about_the_write(pair: Pair) -> None:
    send = pair.do

    def lose_the_rest(worker: str, sealed: bytes) -> list[bytes]:
        pair.stage.box.loses = False
        return send(worker, sealed)

    pair.stage.box.on_send = lose_the_rest
    assert reset() is None
    assert records() == [""]


def test_close_reported_by_another_state_is_not_believed(pair: Pair) -> None:
    pair.second.says = [Outcome.CLOSED]
    pair.second.state_id = b"another state id"
    assert reset() is None
    assert records() == [""]


def test_a_silent_worker_is_asked_last_until_it_answers(pair: Pair) -> None:
    ask(LIST, wait=0.4)
    assert [worker.place.worker for worker in queries.workers_for("main")] == ["w2", "w1"]
    ask(LIST, wait=0.4)
    assert pair.sent[2:] == [("w2", "ListFactors")]
    pair.mute = {"w2"}
    ask(LIST, wait=0.4)
    assert [worker.place.worker for worker in queries.workers_for("main")] == ["w1", "w2"]


def test_a_worker_that_has_taken_its_heartbeat_back_is_sent_nothing_more(pair: Pair) -> None:
    pair.mute = set()
    assert ask(LIST, wait=0.4).worker == "w1"
    pair.stage.box.beats["main", "w1"] = b""
    known_workers().liveness._read_at = float("-inf")  # a second later
    assert ask(LIST, wait=0.4).worker == "w2"


def test_a_single_worker_gets_the_whole_wait(pair: Pair) -> None:
    Site.objects.update(workers=["w1"])
    pair.stage.restart_portal()
    assert reset() is None
    assert pair.sent == [("w1", "ResetPassword")]
    assert flows.WAIT == 8.0
