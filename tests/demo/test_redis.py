"""Each Redis account has only the commands and keys that it needs; the server saves nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import SetupError

Command = tuple[str | bytes | int, ...]
PORTAL_MAY: list[Command] = [
    ("PING",),
    ("LPUSH", "writeback.w1", "x"),
    ("LPUSH", "writeback.w2", "x"),
    ("GET", "hb:main:w1"),
    ("BLPOP", "reply:00", 1),
]
PORTAL_MAY_NOT: list[Command] = [
    ("BRPOP", "writeback.w1", 1),
    ("RPOP", "writeback.w1"),
    ("LRANGE", "writeback.w1", 0, -1),
    ("DEL", "writeback.w1"),
    ("GET", "writeback.w1"),
    ("SET", "hb:main:w1", "x"),
    ("LPUSH", "reply:00", "x"),
    ("KEYS", "*"),
    ("SCAN", 0),
    ("CONFIG", "GET", "*"),
    ("PUBLISH", "channel", "x"),
    ("SUBSCRIBE", "channel"),
    ("MONITOR",),
    ("FLUSHALL",),
    ("EVAL", "return 1", 0),
    ("ACL", "LIST"),
    ("SHUTDOWN",),
]
WORKER_MAY: list[Command] = [
    ("BRPOP", "writeback.w1", 1),
    ("LPUSH", "reply:00", "x"),
    ("EXPIRE", "reply:00", 300),
    ("SET", "hb:main:w1", "x", "EX", 150),
]
WORKER_MAY_NOT: list[Command] = [
    ("BLPOP", "reply:00", 1),
    ("LRANGE", "reply:00", 0, -1),
    ("DEL", "reply:00"),
    ("BRPOP", "writeback.w2", 1),
    ("LPUSH", "writeback.w2", "x"),
    ("SET", "hb:main:w2", "x"),
    ("SET", "hb:other:w1", "x"),
    ("GET", "hb:main:w2"),
    ("KEYS", "*"),
    ("CONFIG", "SET", "maxmemory", "0"),
    ("PUBLISH", "channel", "x"),
    ("FLUSHALL",),
    ("EVAL", "return 1", 0),
    ("EVALSHA", "0" * 40, 0),
    ("GET", "writeback.w1"),
    ("SET", "writeback.w1", "x"),
    ("HSET", "writeback.w1", "a", "x"),
    ("HSET", "unacked.w1", "a", "x"),
]


@pytest.fixture(scope="module")
def portal(redis_server: RedisServer) -> Iterator[Any]:
    with redis_server.client(redis_server.portal) as client:
        yield client


@pytest.fixture(scope="module")
def worker(redis_server: RedisServer) -> Iterator[Any]:
    with redis_server.client(redis_server.workers["w1"]) as client:
        yield client


@pytest.fixture(autouse=True)
def empty(redis_server: RedisServer) -> None:
    with redis_server.client() as admin:
        admin.flushall()


def name(command: Command) -> str:
    return " ".join(map(str, command[:2]))


@pytest.mark.parametrize("command", PORTAL_MAY, ids=name)
def test_the_portal_account_may_run_its_commands(portal: Any, command: Command) -> None:
    assert portal.execute_command(*command) in (True, 1, None)


@pytest.mark.parametrize("command", PORTAL_MAY_NOT, ids=name)
def test_the_portal_account_may_run_no_other_command(portal: Any, command: Command) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        portal.execute_command(*command)


@pytest.mark.parametrize("command", WORKER_MAY, ids=name)
def test_the_worker_account_may_run_its_commands(worker: Any, command: Command) -> None:
    assert worker.execute_command(*command) in (True, 1, 0, None)


@pytest.mark.parametrize("command", WORKER_MAY_NOT, ids=name)
def test_the_worker_account_may_run_no_other_command(worker: Any, command: Command) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        worker.execute_command(*command)


def test_redis_refuses_clients_without_an_account(redis_server: RedisServer) -> None:
    with (
        redis.Redis.from_url(redis_server.url, ssl_ca_certs=str(redis_server.ca_file)) as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


def test_redis_refuses_clients_without_tls(redis_server: RedisServer) -> None:
    with (
        redis.Redis(redis_server.address, redis_server.port, socket_timeout=2) as client,
        pytest.raises((redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)),
    ):
        client.ping()


def test_a_client_without_the_authority_refuses_the_certificate(redis_server: RedisServer) -> None:
    with (
        redis.Redis.from_url(redis_server.url) as client,
        pytest.raises(redis.exceptions.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.ping()


def test_redis_limits_sizes_evicts_nothing_and_saves_nothing(redis_server: RedisServer) -> None:
    with redis_server.client() as admin:
        read = {key: admin.config_get(key)[key] for key in ("maxmemory-policy", "proto-max-bulk-len", "save")}
    assert read == {"maxmemory-policy": "noeviction", "proto-max-bulk-len": "1048576", "save": ""}


def test_a_huge_value_is_refused(portal: Any) -> None:
    with pytest.raises(redis.exceptions.RedisError):
        portal.lpush("writeback.w1", b"x" * 2_000_000)
    assert portal.ping()


@pytest.mark.redis
def test_a_restart_keeps_the_port_and_no_data(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, admin=True)
    server.start()
    url = server.url
    with server.client() as client:
        client.set("kept", "x")
    for again in (server.restart, server.kill):
        again()
        if not server.alive():
            server.start()
        with server.client() as client:
            assert client.get("kept") is None
            client.set("kept", "x")
    assert server.url == url
    with pytest.raises(SetupError, match=f"Redis needs port {server.port} of 127.0.0.1"):
        RedisServer(tmp_path / "other", port=server.port).start()
    server.stop()
    assert not server.alive()
