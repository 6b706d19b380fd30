"""Connections to an untrusted Redis: whatever it answers, they raise only RedisError."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.config import RedisConfig
from writeback.envelope.bounds import UNPARSABLE, Strict
from writeback.envelope.secret import Secret
from writeback.envelope.tls import VerifiedTLS

_SECONDS = 3
# RESP2 has neither pushed messages nor maps. CLIENT SETINFO is left out: the accounts' ACLs don't allow it
# (Redis 7.0 can't name it there), and it would tell Redis which libraries run here.
CONNECTION_OPTIONS: dict[str, Any] = {"protocol": 2, "driver_info": None}


class StrictConnection(Strict, redis.Connection):
    """A connection without TLS, for a Redis on this machine."""

    no_answer = redis.InvalidResponse


class StrictTLSConnection(Strict, VerifiedTLS, redis.SSLConnection):
    """A connection with TLS, which always checks certificate and name, against the named authorities only."""

    no_answer = redis.InvalidResponse


def strict_client(
    config: RedisConfig, **options: Any
) -> Any:  # redis-py's types know neither bytes nor pipelines
    """Return a client of a worker's Redis.

    Args:
        config: address and credentials.
        options: options of redis-py, such as `socket_timeout` in seconds.
    """
    is_tls = urlsplit(config.url).scheme == "rediss"
    tls = {"ssl_ca_certs": str(config.ca_file)} if config.ca_file and is_tls else {}
    pool = redis.ConnectionPool.from_url(
        config.url,
        connection_class=StrictTLSConnection if is_tls else StrictConnection,
        username=config.username or None,
        password=config.password.reveal() or None,
        **(CONNECTION_OPTIONS | tls | options),
    )
    return redis.Redis.from_pool(pool)


def lets_anybody_in(config: RedisConfig) -> bool:
    """Tell whether Redis accepts commands without a user name and password."""
    nobody = replace(config, username="", password=Secret(""))
    once = Retry(NoBackoff(), 0)
    client = strict_client(nobody, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=once)
    try:
        return bool(client.ping())
    except (redis.RedisError, *UNPARSABLE, OSError):
        return False
    finally:
        client.close()
