"""What a worker takes out of its queue: as much as its threads can begin at once, on a real Redis."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.asynchronous import Hub
from kombu.transport.virtual import Message

from deploy.dev.demo.redis import RedisServer
from writeback.guard import Guard, Threads, guarded_transport, message_for
from writeback.trouble import Trouble

pytestmark = pytest.mark.redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    made = RedisServer(tmp_path / "redis", admin=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def threads() -> Threads:
    return Threads(2)


@pytest.fixture
def channel(server: RedisServer, threads: Threads) -> Iterator[Any]:
    """The worker's channel; Celery itself would let it take two jobs that are not begun."""
    login = server.workers["w1"]
    with Connection(
        server.url,
        userid=login.username,
        password=login.password,
        transport=guarded_transport(Guard(lambda: None), threads, Trouble()),
        transport_options={"priority_steps": [0], "socket_timeout": 5},
    ) as connection:
        made: Any = connection.channel()
        made.qos.prefetch_count = 2
        yield made
        made.qos._delivered.clear()


def hand(channel: Any, text: str = "AAAA") -> str:
    message: Any = Message(payload=message_for(text, "writeback.w1"), channel=channel)
    tag = str(message.delivery_tag)
    channel.qos.append(message, tag)
    return tag


def queued(server: RedisServer) -> list[bytes]:
    with server.client() as admin:
        return list(admin.lrange("writeback.w1", 0, -1))


def test_jobs_are_taken_only_for_free_threads(channel: Any, threads: Threads) -> None:
    channel.qos.ack(hand(channel))
    assert channel.qos.can_consume()
    channel.qos.ack(hand(channel))
    assert not channel.qos.can_consume()
    threads.end()
    assert channel.qos.can_consume()


def test_a_taken_job_counts_before_its_thread_begins(channel: Any) -> None:
    channel.qos.prefetch_count = 4
    hand(channel)
    hand(channel)
    assert not channel.qos.can_consume()


def test_a_free_thread_signals_only_a_waiting_loop(threads: Threads) -> None:
    told: list[bool] = []
    threads.call_when_free(lambda: told.append(threads.are_all_busy()))
    threads.begin()
    threads.end()
    assert told == []
    threads.begin()
    threads.begin()
    threads.end()
    threads.end()
    assert told == [False]


def test_the_loop_that_takes_jobs_is_woken_when_a_thread_becomes_free(channel: Any, threads: Threads) -> None:
    loop: Any = Hub()
    channel.connection.register_with_event_loop(channel.connection, loop)
    threads.begin()
    threads.begin()
    assert not loop._ready
    threads.end()
    assert loop._ready
    loop.close()


def test_a_job_that_is_rejected_takes_no_thread_and_goes_back_into_the_queue(
    server: RedisServer, channel: Any
) -> None:
    channel.qos.reject(hand(channel, "DDDD"))
    channel.qos.reject(hand(channel), requeue=True)
    assert queued(server) == [b'{"body": "AAAA"}']
    hand(channel)
    assert channel.qos.can_consume()


def test_an_orderly_end_puts_back_what_was_not_begun_and_only_that(server: RedisServer, channel: Any) -> None:
    begun, _ = hand(channel), hand(channel, "BBBB")
    channel.qos.ack(begun)
    channel.qos.restore_unacked_once()
    assert queued(server) == [b'{"body": "BBBB"}']
