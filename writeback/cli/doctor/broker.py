"""The doctor's check of Redis: it answers, and allows this worker what it needs and nothing more."""

import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.config import Config, RedisConfig
from writeback.envelope import post
from writeback.envelope.broker_faults import CLOSE, explain
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, failure, ok
from writeback.strict_redis import lets_anybody_in, strict_client

SECONDS = 3
GRANT = "put the line that `writeback grant` prints into its aclfile"
RENEW = "give Redis a new one, and restart it"
Command = tuple[str | bytes, ...]


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings; the commands are only queued in a transaction, which is then discarded."""
    try:
        with _connect(config.redis) as connection:
            yield ok("redis.reached", f"Redis at {config.redis.url}, as {config.redis.username}")
            yield from _certificate(connection)
            yield from _account(connection, config)
    except (redis.RedisError, OSError) as error:
        fault = explain(error)
        yield failure("redis.reached", f"{fault.what} ({fault.code}), at {config.redis.url}", fault.mend)
        return
    if lets_anybody_in(config.redis):
        yield failure(
            "redis.default-user", "Redis answers without a password; the worker does not start", CLOSE
        )
    else:
        yield ok("redis.default-user", "Redis answers nobody without a password")


def _certificate(connection: Any) -> Iterator[Finding]:
    # A wrapper that counts the bytes read (bounds.py) hides the connection's own socket.
    given: dict[str, str] = getattr(connection._sock, "getpeercert", dict)()  # noqa: SLF001  # redis-py shows it nowhere else
    if given:
        left = ssl.cert_time_to_seconds(given["notAfter"]) - time.time()
        yield check_expiry("redis.certificate", "the certificate of Redis", left, RENEW)


def _account(connection: Any, config: Config) -> Iterator[Finding]:
    missing = [name for name, command in _list_needed(config) if not _may(connection, command)]
    missing += [] if _may_end(connection) else ["end a transaction (exec)"]
    too_much = [name for name, command in _list_forbidden(config) if _may(connection, command)]
    if missing:
        yield failure("redis.commands", f"Redis does not let this worker: {', '.join(missing)}", GRANT)
    else:
        yield ok("redis.commands", "Redis lets this worker do everything it needs")
    if too_much:
        yield failure("redis.bounds", f"Redis lets this worker {', '.join(too_much)}", GRANT)
    else:
        yield ok("redis.bounds", "Redis allows this worker nothing that it does not need")


def _list_needed(config: Config) -> Iterator[tuple[str, Command]]:
    """Yield all that a worker does in Redis: guard.py takes and returns jobs, broker.py does the rest."""
    queue, reply = post.queue_key(config.site.worker), post.reply_key(bytes(16))
    beat = post.heartbeat_key(config.site.name, config.site.worker)
    yield "take jobs (brpop)", ("BRPOP", queue, "1")
    yield "put jobs back (rpush)", ("RPUSH", queue, "x")
    yield "read the length of its queue (llen)", ("LLEN", queue)
    yield "remove a queue of a wrong type (del)", ("DEL", queue)
    yield "send answers (lpush)", ("LPUSH", reply, "x")
    yield "let answers expire (expire)", ("EXPIRE", reply, "1")
    yield "set heartbeats (set)", ("SET", beat, "x", "EX", "1")


def _list_forbidden(config: Config) -> Iterator[tuple[str, Command]]:
    other = post.queue_key(f"{config.site.worker}-other")
    yield "list all keys", ("KEYS", "keyback-doctor-*")
    yield "remove everything", ("FLUSHALL",)
    yield "read the server's settings", ("CONFIG", "GET", "maxmemory")
    yield "read other workers' queues", ("LLEN", other)
    yield "send jobs to other workers", ("LPUSH", other, "x")
    yield "read answers", ("LRANGE", post.reply_key(bytes(16)), "0", "0")
    yield "read heartbeats", ("GET", post.heartbeat_key(config.site.name, config.site.worker))
    yield (
        "set other workers' heartbeats",
        ("SET", post.heartbeat_key(config.site.name, "other"), "x", "EX", "1"),
    )


def _may(connection: Any, command: Sequence[str | bytes]) -> bool:
    """Tell whether a command is allowed: Redis says so when it queues the command, which never runs.

    Raises:
        redis.RedisError: not even a transaction is allowed, or there was no answer.
    """
    _say(connection, "MULTI")
    try:
        _say(connection, *command)
    except redis.exceptions.NoPermissionError:
        return False
    finally:
        _say(connection, "DISCARD")
    return True


def _may_end(connection: Any) -> bool:
    """Tell whether EXEC is allowed, with an empty transaction."""
    _say(connection, "MULTI")
    try:
        _say(connection, "EXEC")
    except redis.exceptions.ExecAbortError:  # Redis 7 raises this after discarding the transaction
        return False
    except redis.exceptions.NoPermissionError:
        _say(connection, "DISCARD")
        return False
    return True


def _say(connection: Any, *command: str | bytes) -> object:
    connection.send_command(*command)
    found: object = connection.read_response()
    return found


@contextmanager
def _connect(config: RedisConfig) -> Iterator[Any]:
    """Lend one connection, signed in."""
    client = strict_client(
        config, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
    )
    with closing(client):
        connection = client.connection_pool.get_connection()
        try:
            _say(connection, "PING")
            yield connection
        finally:
            client.connection_pool.release(connection)
