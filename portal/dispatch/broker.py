"""Step 4 of 8, the portal's end: an untrusted post box in Redis. Nothing out of it is believed here."""

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
        sent: False if nothing was put into it for certain.
        refused: True if it said that it takes nothing, which need not be true.
    """

    def __init__(self, *, sent: bool, refused: bool = False) -> None:
        super().__init__("The post box can't be reached.")
        self.sent, self.refused = sent, refused


class Broker(Protocol):
    """What the portal does with a post box; everything may raise BrokerAway."""

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        """Return what lies under the keys of these (site, worker) pairs."""
        ...

    def send(self, worker: str, sealed: bytes) -> None:
        """Put a sealed job into a worker's queue."""
        ...

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        """Take the next element of a reply list, or return None when the time is over."""
        ...


class RedisBroker:
    """The post box of KEYBACK_REDIS_URL; every wait has a timeout, and a retry only where it does no harm."""

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
        # A retry may put the job in twice; the worker's journal lets the second one pass without effect.
        try:
            with strictly(self._client):
                self._client.lpush(post.queue_key(worker), post.queue_element(sealed))
        except redis.RedisError as error:
            self._log_once(str(explain(error)))
            # That it refuses is only what Redis says: it could hand the job to the worker all the same.
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
            # The answer may still come; without a post box there is nothing to do but to let the time pass.
            time.sleep(max(0.0, min(0.2, deadline - time.monotonic())))
            return None
        return found[1] if found else None

    def _log_once(self, sentence: str) -> None:
        """Log why Redis can't be used: once, until it changes."""
        if sentence and sentence != self._logged:
            logger.error("%s.", sentence)
        self._logged = sentence


@contextmanager
def strictly(client: Any) -> Iterator[None]:
    """Make one kind of error of all that strange answers cause, and leave no connection half read."""
    try:
        yield
    except redis.RedisError:
        client.connection_pool.disconnect(inuse_connections=False)
        raise
    except (*UNPARSABLE, OSError) as error:
        client.connection_pool.disconnect(inuse_connections=False)
        raise redis.InvalidResponse(f"no answer: {type(error).__name__}") from error


class StrictConnection(Strict, redis.Connection):
    """For Redis on this machine, in clear."""

    no_answer = redis.InvalidResponse


class StrictTLSConnection(Strict, VerifiedTLS, redis.SSLConnection):
    """For Redis over TLS; certificate and name are always checked, against the named authorities alone."""

    no_answer = redis.InvalidResponse


def _connect(client: Any) -> None:
    """Make sure that there is a connection: where there is none, nothing was sent for certain."""
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
        protocol=2,  # which knows neither pushed messages nor maps
        driver_info=None,  # CLIENT SETINFO is not in the account's list
        **tls,
    )
    return redis.Redis.from_pool(pool)
