"""What a worker keeps of jobs that it was handed and has not begun, on a real Redis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.transport.virtual import Message

from deploy.demo.redis import RedisServer
from writeback.guard import Guard, Threads, guarded_transport, message_for, unacked_key


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    made = RedisServer(tmp_path / "redis", admin=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def threads() -> Threads:
    return Threads(1)


@pytest.fixture
def channel(server: RedisServer, threads: Threads) -> Iterator[Any]:
    """The worker's channel, with room for one job that waits."""
    login = server.workers["w1"]
    with Connection(
        server.url,
        userid=login.username,
        password=login.password,
        transport=guarded_transport(Guard(lambda: None), threads),
        transport_options={"unacked_key": unacked_key("w1"), "priority_steps": [0], "socket_timeout": 5},
    ) as connection:
        made: Any = connection.channel()
        made.qos.prefetch_count = 1
        yield made
        made.qos._delivered.clear()


@contextmanager
def at_work(threads: Threads) -> Iterator[None]:
    """Let one thread do a job until the block ends."""
    threads.begin()
    yield
    threads.end()


def hand(channel: Any, text: str = "AAAA") -> str:
    message: Any = Message(payload=message_for(text, "writeback.w1"), channel=channel)
    tag = str(message.delivery_tag)
    channel.qos.append(message, tag)
    return tag


def lengths(server: RedisServer) -> tuple[int, int]:
    with server.client() as admin:
        return int(admin.llen("writeback.w1")), int(admin.hlen("unacked.w1"))


def test_a_job_that_waits_is_kept_until_it_is_begun(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    with at_work(threads):
        tag = hand(channel)
    assert lengths(server) == (0, 1)
    assert not channel.qos.can_consume()
    channel.qos.ack(tag)
    assert lengths(server) == (0, 0)
    assert channel.qos.can_consume()


def test_a_job_that_a_free_thread_takes_is_not_kept_and_the_next_one_is(
    server: RedisServer, channel: Any
) -> None:
    hand(channel)
    assert lengths(server) == (0, 0)
    hand(channel)
    assert lengths(server) == (0, 1)


def test_the_job_after_one_that_was_just_acknowledged_has_to_wait(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    channel.qos.ack(hand(channel))
    hand(channel)
    assert lengths(server) == (0, 1)
    threads.end()


def test_what_is_rejected_takes_no_thread(channel: Any, threads: Threads) -> None:
    channel.qos.reject(hand(channel))
    assert not threads.all_busy()


def test_an_orderly_end_puts_back_what_waits_and_not_what_was_begun(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    with at_work(threads):
        begun, _ = hand(channel), hand(channel, "BBBB")
    channel.qos.ack(begun)
    channel.qos.restore_unacked_once()
    assert lengths(server) == (1, 0)
    with server.client() as admin:
        assert admin.lrange("writeback.w1", 0, -1) == [b'{"body": "BBBB"}']


def test_a_job_that_is_rejected_goes_back_into_the_queue(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    with at_work(threads):
        tag = hand(channel)
    channel.qos.reject(tag, requeue=True)
    assert lengths(server) == (1, 0)
    assert channel.qos.can_consume()


def test_without_redis_a_job_is_begun_and_its_place_is_free_again(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    server.kill()
    with at_work(threads):
        tag = hand(channel)
    channel.qos.ack(tag)
    assert channel.qos.can_consume()


def test_a_redis_that_is_full_keeps_no_job_from_being_done(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    with server.client() as admin:
        admin.config_set("maxmemory", "1kb")
    with at_work(threads):
        tag = hand(channel)
    channel.qos.ack(tag)
    assert channel.qos.can_consume()


def test_what_redis_forgot_of_a_job_is_put_back_all_the_same(
    server: RedisServer, channel: Any, threads: Threads
) -> None:
    with at_work(threads):
        hand(channel)
    with server.client() as admin:
        admin.flushall()
    channel.qos.restore_unacked_once()
    assert lengths(server) == (1, 0)
