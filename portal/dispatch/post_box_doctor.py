"""The doctor's checks of Redis: it answers, and lets the portal do what it needs and nothing more."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings

from portal.dispatch.broker import CONNECT_SECONDS, new_client, strictly
from writeback.envelope import post
from writeback.envelope.broker_faults import CLOSE, explain
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, failure, ok, warning
from writeback.envelope.tls import shared_context

_GRANT = "put the portal's line into its aclfile, as deploy/redis/users.acl has it, and: ACL LOAD"
_RENEW = "give Redis a new one, and restart it; its file is copied to the portal and the workers"
_NOBODY = post.heartbeat_key("doctor", "doctor")
_QUEUE, _REPLY = post.queue_key("doctor"), post.reply_key(bytes(16))
NEEDED: tuple[Sequence[str], ...] = (
    ("PING",),
    ("GET", _NOBODY),
    ("LPUSH", _QUEUE, "x"),
    ("BLPOP", _REPLY, "1"),
)
NOT_NEEDED: dict[str, Sequence[str]] = {
    "list all keys": ("KEYS", "*"),
    "read the server's settings": ("CONFIG", "GET", "maxmemory"),
    "take jobs out of queues": ("BRPOP", _QUEUE, "1"),
    "write answers": ("LPUSH", _REPLY, "x"),
    "write heartbeats": ("SET", _NOBODY, "x"),
    "remove keys": ("DEL", "keyback-doctor"),
}


def redis_checks() -> Iterator[Finding]:
    """Check Redis from the portal's side; nothing is written, and nothing is taken out."""
    client = new_client(CONNECT_SECONDS)
    where = urlsplit(settings.KEYBACK_REDIS_URL)
    try:
        with strictly(client):
            client.ping()
    except redis.RedisError as error:
        fault = explain(error)
        yield failure("redis.reached", f"{fault.what} ({fault.code})", fault.mend)
        return
    yield ok("redis.reached", f"Redis at {where.hostname}:{where.port or 6379} answers")
    yield from _account(client)
    yield from _default_user()
    if where.scheme == "rediss":
        yield from _certificate(str(where.hostname), where.port or 6379)


def _account(client: Any) -> Iterator[Finding]:
    try:
        with strictly(client):
            missing = [command[0] for command in NEEDED if not _may(client, command)]
            more = [name for name, command in NOT_NEEDED.items() if _may(client, command)]
    except redis.RedisError as error:
        yield failure("redis.commands", f"its account can't be looked at: {explain(error).what}", _GRANT)
        return
    if missing:
        says = f"Redis does not let the portal's account do {', '.join(missing)}"
        yield failure("redis.commands", says, _GRANT)
    else:
        yield ok("redis.commands", "Redis lets the portal do all that it must")
    if more:
        yield failure("redis.bounds", f"Redis lets the portal {', '.join(more)}", _GRANT)
    else:
        yield ok("redis.bounds", "Redis lets the portal do nothing that it does not need")


def _may(client: Any, command: Sequence[str]) -> bool:
    """Tell whether the account may use a command, without running it.

    The command is queued in a transaction that is never executed. Redis checks the account's rights when it
    queues a command, and forgets the queue when the connection ends.
    """
    connection = client.connection_pool.get_connection()
    try:
        connection.send_command("MULTI")
        connection.read_response()
        connection.send_command(*command)
        connection.read_response()
    except redis.exceptions.NoPermissionError:
        return False
    finally:
        connection.disconnect()
        client.connection_pool.release(connection)
    return True


def _default_user() -> Iterator[Finding]:
    where = urlsplit(settings.KEYBACK_REDIS_URL)
    bare = where._replace(netloc=where.netloc.rpartition("@")[2]).geturl()
    client = new_client(CONNECT_SECONDS, bare)
    try:
        with strictly(client):
            client.ping()
    except redis.RedisError:
        yield ok("redis.default-user", "Redis answers nobody without a password")
    else:
        yield failure("redis.default-user", "Redis answers without a password", CLOSE)


def _certificate(host: str, port: int) -> Iterator[Finding]:
    try:
        with (
            socket.create_connection((host, port), timeout=CONNECT_SECONDS) as plain,
            shared_context(settings.KEYBACK_REDIS_CA or None).wrap_socket(plain, server_hostname=host) as tls,
        ):
            ends = ssl.cert_time_to_seconds(str((tls.getpeercert() or {}).get("notAfter", "")))
    except (OSError, ValueError):
        yield warning("redis.certificate", "its certificate can't be looked at", "run the doctor again")
        return
    yield check_expiry("redis.certificate", "the certificate of Redis", ends - time.time(), _RENEW)
