"""A Redis that refuses, or answers with what is no answer: the worker goes on and does the next job."""

from collections.abc import Iterator

import pytest

from deploy.dev.processes import wait_until
from tests.fakes.redis_server import CLOSE, HANG, SECRET, FakeRedis
from tests.strange_answers import SLOW, STRANGE
from tests.writeback.border.live import LiveWorker
from writeback.envelope.answers import AttemptOpened

pytestmark = [pytest.mark.linux, pytest.mark.slow]

AT_THE_START = ("AUTH", "PING")
TO_ANSWER = ("MULTI", "LPUSH", "EXPIRE", "EXEC")


@pytest.fixture(scope="module")
def strange() -> Iterator[FakeRedis]:
    """A server in this process."""
    with FakeRedis() as server:
        yield server


@pytest.fixture(scope="module")
def hasty(strange: FakeRedis, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorker]:
    """A live worker of that server."""
    live = LiveWorker(tmp_path_factory.mktemp("worker") / "home", strange, hasty=True)
    live.start()
    yield live
    live.stop()


def does_a_job(worker: LiveWorker) -> bool:
    answer = worker.ask(seconds=15)
    return answer is not None and isinstance(answer.facts, AttemptOpened)


def lines_of(worker: LiveWorker, before: int) -> list[str]:
    return worker.log()[before:].splitlines()


def assert_plain(lines: list[str]) -> None:
    told = "\n".join(lines)
    assert "Traceback" not in told
    assert SECRET not in told
    assert max(map(len, lines), default=0) < 300


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
def test_no_strange_reply_to_brpop_ends_the_worker(
    strange: FakeRedis, hasty: LiveWorker, answer: bytes
) -> None:
    pid, before = hasty.pid, len(hasty.log())
    strange.be_strange("BRPOP", answer)
    assert wait_until(strange.is_sane, seconds=10)
    assert does_a_job(hasty)
    assert hasty.pid == pid is not None
    assert_plain(lines_of(hasty, before))


@pytest.mark.parametrize("command", ["AUTH", "PING", "SET"])
def test_no_strange_reply_to_heartbeats_ends_the_worker(
    strange: FakeRedis, hasty: LiveWorker, command: str
) -> None:
    pid, before = hasty.pid, len(hasty.log())
    strange.be_strange(command, *STRANGE.values())
    if command in AT_THE_START:
        strange.be_strange("BRPOP", *[CLOSE] * len(STRANGE))  # so that it connects so often
    assert wait_until(strange.is_sane, seconds=120)
    assert does_a_job(hasty)
    assert hasty.pid == pid is not None
    assert_plain(lines_of(hasty, before))


@pytest.mark.parametrize("command", TO_ANSWER)
def test_no_strange_reply_to_a_sent_answer_ends_the_worker(
    strange: FakeRedis, hasty: LiveWorker, command: str
) -> None:
    pid, before = hasty.pid, len(hasty.log())
    for name, answer in STRANGE.items():
        strange.be_strange(command, answer)
        hasty.send(hasty.seal())
        assert wait_until(strange.is_sane, seconds=10), name
    assert does_a_job(hasty)
    assert hasty.pid == pid is not None
    assert_plain(lines_of(hasty, before))


@pytest.mark.parametrize("command", ["LLEN", "DEL"])
def test_no_strange_reply_while_removing_a_wrong_key_ends_the_worker(
    strange: FakeRedis, hasty: LiveWorker, command: str
) -> None:
    pid, before = hasty.pid, len(hasty.log())
    for answer in STRANGE.values():
        if command == "DEL":
            strange.be_strange("LLEN", b"-WRONGTYPE of another type\r\n")
        strange.be_strange(command, answer)
        strange.be_strange("BRPOP", b"-WRONGTYPE of another type\r\n")
        assert wait_until(strange.is_sane, seconds=10)
    # The last DEL may still be on its way, and take the first job along.
    assert does_a_job(hasty) or does_a_job(hasty)
    assert hasty.pid == pid is not None
    assert_plain(lines_of(hasty, before))


@pytest.mark.parametrize("answer", [*SLOW.values(), HANG, CLOSE], ids=[*SLOW, "silence", "the end"])
def test_an_incomplete_reply_does_not_end_the_worker(
    strange: FakeRedis, hasty: LiveWorker, answer: bytes
) -> None:
    pid, before = hasty.pid, len(hasty.log())
    for command in ("BRPOP", "SET"):
        strange.be_strange(command, answer)
    assert wait_until(strange.is_sane, seconds=20)
    assert does_a_job(hasty)
    assert hasty.pid == pid is not None
    assert_plain(lines_of(hasty, before))


def test_a_trouble_and_its_end_are_logged_once_each(strange: FakeRedis, hasty: LiveWorker) -> None:
    assert does_a_job(hasty)
    before = len(hasty.log())
    strange.be_strange("BRPOP", *[b"-READONLY You can't write against a read only replica.\r\n"] * 20)
    assert wait_until(strange.is_sane, seconds=20)
    assert does_a_job(hasty)
    told = [line for line in lines_of(hasty, before) if "No jobs are taken" in line]
    assert len(told) == 2
    assert "read-only replica (READONLY)" in told[0]
    assert "over after" in told[1]


def test_portals_hear_that_no_job_is_taken_while_heartbeats_get_through(
    strange: FakeRedis, hasty: LiveWorker
) -> None:
    strange.be_strange("BRPOP", *[b"-NOPERM no permissions\r\n"] * 2_000)
    assert wait_until(lambda: [each.courier for each in hasty.beat().couriers] == ["queue"], seconds=15)
    assert [each.state.value for each in hasty.beat().directories] == ["down"]
    strange.be_strange("BRPOP")
    assert wait_until(lambda: [each.state.value for each in hasty.beat().directories] != ["down"], seconds=15)
