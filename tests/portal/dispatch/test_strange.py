"""Whatever Redis answers to the portal, it is an element of no worker or a post box that is away."""

import logging
from collections.abc import Iterator
from contextlib import suppress

import pytest
from pytest_django.fixtures import Settings

from portal.dispatch import flows
from portal.dispatch.broker import BrokerAway, RedisBroker
from portal.dispatch.flows import ask
from portal.dispatch.models import JobRecord
from tests.fakes.redis_server import CLOSE, HANG, SECRET, FakeRedis
from tests.portal.dispatch.played import Stage
from tests.strange_answers import SLOW, STRANGE
from writeback.envelope.jobs import ResetPassword
from writeback.envelope.secret import Secret

pytestmark = pytest.mark.slow

PLACES = [("main", "w1")]


@pytest.fixture(scope="module")
def server() -> Iterator[FakeRedis]:
    with FakeRedis() as made:
        yield made


@pytest.fixture
def box(server: FakeRedis, settings: Settings) -> RedisBroker:
    """The portal's post box on that server."""
    settings.KEYBACK_REDIS_URL = server.url.replace("://", f"://portal:{SECRET}@")
    settings.KEYBACK_REDIS_CA = ""
    return RedisBroker()


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
@pytest.mark.parametrize("command", ["AUTH", "GET"])
def test_no_strange_reply_to_reading_heartbeats_raises(
    server: FakeRedis, box: RedisBroker, command: str, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.be_strange(command, answer, answer)
    found: list[bytes | None] = []
    with suppress(BrokerAway):
        found = box.heartbeats(PLACES)
    assert all(blob is None or type(blob) is bytes for blob in found)
    server.be_strange(command)
    assert box.heartbeats(PLACES) == [None]
    assert SECRET not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
def test_no_strange_reply_to_a_job_raises_or_proves_it_unsent(
    server: FakeRedis, box: RedisBroker, answer: bytes
) -> None:
    server.be_strange("LPUSH", answer, answer)
    sent = True
    try:
        box.send("w1", b"sealed")
    except BrokerAway as error:
        sent = error.sent
    assert sent
    server.be_strange("LPUSH")
    box.send("w1", b"sealed")


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE.keys())
def test_no_strange_reply_to_a_wait_raises(server: FakeRedis, box: RedisBroker, answer: bytes) -> None:
    server.be_strange("BLPOP", answer, answer)
    assert type(box.wait(bytes(16), 0.3)) in (bytes, type(None))
    server.be_strange("BLPOP")
    server.client().lpush(f"reply:{bytes(16).hex()}", b"an answer")
    assert box.wait(bytes(16), 1) == b"an answer"


@pytest.mark.parametrize("answer", [*SLOW.values(), HANG, CLOSE], ids=[*SLOW, "silence", "the end"])
def test_waiting_for_an_incomplete_reply_ends(server: FakeRedis, box: RedisBroker, answer: bytes) -> None:
    server.be_strange("BLPOP", answer, answer)
    assert box.wait(bytes(16), 0.3) is None
    server.be_strange("BLPOP")
    assert box.wait(bytes(16), 0.1) is None


def test_an_unreachable_redis_was_sent_nothing(settings: Settings) -> None:
    with FakeRedis() as gone:
        settings.KEYBACK_REDIS_URL = gone.url
    with pytest.raises(BrokerAway) as raised:
        RedisBroker().send("w1", b"sealed")
    assert not raised.value.sent


def test_trouble_is_logged_once_in_a_sentence(
    server: FakeRedis, box: RedisBroker, caplog: pytest.LogCaptureFixture
) -> None:
    server.be_strange("GET", *[b"-READONLY You can't write against a read only replica.\r\n"] * 6)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            with pytest.raises(BrokerAway):
                box.heartbeats(PLACES)
    assert len([line for line in caplog.messages if "read-only replica (READONLY)" in line]) == 1


def test_a_write_that_redis_refused_is_not_shown_as_not_done(stage: Stage) -> None:
    def refuse(worker: str, sealed: bytes) -> list[bytes]:
        raise BrokerAway(sent=True, refused=True)

    stage.box.on_send = refuse
    job = ResetPassword(site="main", attempt=bytes(16))
    reply = ask(job, passwords=[Secret("Copper-lantern-4711")], wait=0.2)
    assert (reply.answer, reply.sent) == (None, True)
    assert JobRecord.objects.get().outcome == ""
    assert flows.follow_up(JobRecord.objects.get()).answer is None
