"""Step 4 of 8, the portal's end: Redis as an untrusted post box. Nothing read from it is believed here."""

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.envelope import post
from writeback.envelope.bounds import UNPARSABLE, Strict
from writeback.envelope.broker_faults import explain
from writeback.envelope.tls import VerifiedTLS

CONNECT_SECONDS = 3
SOCKET_SECONDS = 5

logger = logging.getLogger(__name__)


class BrokerAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The post box can't be reached.

    Args:
        sent: False if it is certain that nothing was put into it.
        refused: True if Redis said that it refused the job. That may be a lie.
    """

    def __init__(self, *, sent: bool, refused: bool = False) -> None:
        super().__init__("The post box can't be reached.")
        self.sent, self.refused = sent, refused


class Broker(Protocol):
    """What the portal does with a post box; heartbeats and send may raise BrokerAway."""

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        """Return the heartbeat of each (site, worker) pair; None where there is none."""
        ...

    def send(self, worker: str, sealed: bytes) -> None:
        """Put a sealed job into a worker's queue."""
        ...

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        """Take the next element of a reply list, waiting at most so many seconds; None if none came."""
        ...


class RedisBroker:
    """The post box of KEYBACK_REDIS_URL; every wait has a timeout, and only harmless calls are retried."""

    def __init__(self) -> None:
        self._client = new_client(SOCKET_SECONDS)
        self._waiting: dict[int, Any] = {}
        self._logged = ""

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        try:
            with strictly(self._client):
                found = [self._client.get(post.heartbeat_key(site, worker)) for site, worker in places]
        except redis.RedisError as error:
            self._log_once(str(explain(error)))
            raise BrokerAway(sent=False) from None
        self._log_once("")
        return [blob if isinstance(blob, bytes) else None for blob in found]

    def send(self, worker: str, sealed: bytes) -> None:
        try:
            with strictly(self._client):
                _connect(self._client)
        except redis.RedisError as error:
            self._log_once(str(explain(error)))
            raise BrokerAway(sent=False) from None
        # A retry may send the job twice; the worker's journal makes sure that it is done once.
        try:
            with strictly(self._client):
                self._client.lpush(post.queue_key(worker), post.queue_element(sealed))
        except redis.RedisError as error:
            self._log_once(str(explain(error)))
            # Redis says that it refused the job; a dishonest one could still hand it to the worker.
            raise BrokerAway(sent=True, refused=isinstance(error, redis.ResponseError)) from None

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        whole = max(1, math.ceil(seconds))
        if whole not in self._waiting:
            self._waiting[whole] = new_client(whole + 2)
        client, deadline = self._waiting[whole], time.monotonic() + seconds
        try:
            with strictly(client):
                found = client.blpop([post.reply_key(jti)], timeout=max(0.01, round(seconds, 3)))
                if found is not None and [type(part) for part in found] != [bytes, bytes]:
                    raise redis.InvalidResponse("no answer to BLPOP")
        except redis.RedisError:
            # The answer may still come: wait a moment before the caller tries again.
            time.sleep(max(0.0, min(0.2, deadline - time.monotonic())))
            return None
        return found[1] if found else None

    def _log_once(self, sentence: str) -> None:
        """Log why Redis can't be used, once until the reason changes."""
        if sentence and sentence != self._logged:
            logger.error("%s.", sentence)
        self._logged = sentence


@contextmanager
def strictly(client: Any) -> Iterator[None]:
    """Turn every error of a strange answer into a RedisError, and close a connection that was half read."""
    try:
        yield
    except redis.RedisError:
        client.connection_pool.disconnect(inuse_connections=False)
        raise
    except (*UNPARSABLE, OSError) as error:
        client.connection_pool.disconnect(inuse_connections=False)
        raise redis.InvalidResponse(f"no answer: {type(error).__name__}") from error


class StrictConnection(Strict, redis.Connection):
    """A connection to Redis on this machine, without TLS."""

    no_answer = redis.InvalidResponse


class StrictTLSConnection(Strict, VerifiedTLS, redis.SSLConnection):
    """A connection over TLS; the server's name and certificate are always checked.

    Only the certificate authorities of KEYBACK_REDIS_CA count, if it is set.
    """

    no_answer = redis.InvalidResponse


def _connect(client: Any) -> None:
    """Make sure that there is a connection; if this fails, it is certain that nothing was sent."""
    pool = client.connection_pool
    pool.release(pool.get_connection())


def new_client(socket_timeout: float, url: str = "") -> Any:
    url = url or settings.KEYBACK_REDIS_URL
    authority, is_tls = settings.KEYBACK_REDIS_CA, url.startswith("rediss://")
    tls = {"ssl_ca_certs": authority} if authority and is_tls else {}
    pool = redis.ConnectionPool.from_url(
        url,
        connection_class=StrictTLSConnection if is_tls else StrictConnection,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=socket_timeout,
        health_check_interval=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        protocol=2,  # unlike version 3, it has no pushed messages and no maps
        driver_info=None,  # our Redis account may not call CLIENT SETINFO
        **tls,
    )
    return redis.Redis.from_pool(pool)
