"""Each Redis account may use only the commands it needs, with the ACL lines of production."""

from typing import Any

import pytest
import redis

from deploy.dev.demo.redis import RedisServer

DENIED = redis.exceptions.NoPermissionError
REPLY, QUEUE, BEAT = "reply:00", "writeback.w1", "hb:main:w1"

PORTAL_MAY_NOT: list[tuple[Any, ...]] = [
    ("BRPOP", QUEUE, 1),
    ("RPOP", QUEUE),
    ("LRANGE", QUEUE, 0, -1),
    ("DEL", QUEUE),
    ("GET", QUEUE),
    ("SET", BEAT, "x"),
    ("GET", REPLY),
    ("LRANGE", REPLY, 0, -1),
    ("LPUSH", REPLY, "x"),
    ("BLPOP", QUEUE, 1),
    ("KEYS", "*"),
    ("SCAN", 0),
    ("CONFIG", "GET", "*"),
    ("PUBLISH", "/0.celery.pidbox", "x"),
    ("SUBSCRIBE", "x"),
    ("EVAL", "return 1", 0),
    ("FLUSHALL",),
    ("MONITOR",),
    ("CLIENT", "LIST"),
    ("ACL", "LIST"),
]
WORKER_MAY_NOT: list[tuple[Any, ...]] = [
    ("LRANGE", REPLY, 0, -1),
    ("BLPOP", REPLY, 1),
    ("LPOP", REPLY),
    ("GET", REPLY),
    ("GET", BEAT),
    ("SET", "hb:main:w2", "x"),
    ("SET", "hb:other:w1", "x"),
    ("BRPOP", "writeback.w2", 1),
    ("LPUSH", "writeback.w2", "x"),
    ("HSET", "unacked.w1", "x", "x"),
    ("KEYS", "*"),
    ("CONFIG", "SET", "maxmemory", "1"),
    ("PUBLISH", "x", "x"),
    ("SUBSCRIBE", "x"),
    ("EVAL", "return 1", 0),
    ("FLUSHDB",),
]


@pytest.mark.parametrize("command", PORTAL_MAY_NOT, ids=lambda command: " ".join(map(str, command)))
def test_portal_account_may_only_put_jobs_take_answers_and_read_heartbeats(
    redis_server: RedisServer, command: tuple[Any, ...]
) -> None:
    with redis_server.client(redis_server.portal) as client, pytest.raises(DENIED):
        client.execute_command(*command)


@pytest.mark.parametrize("command", WORKER_MAY_NOT, ids=lambda command: " ".join(map(str, command)))
def test_worker_account_may_not_read_answers_or_touch_another_worker(
    redis_server: RedisServer, command: tuple[Any, ...]
) -> None:
    with redis_server.client(redis_server.workers["w1"]) as client, pytest.raises(DENIED):
        client.execute_command(*command)


def test_nobody_gets_in_without_an_account(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url, ssl_ca_certs=str(redis_server.ca_file))
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()
