"""Step 4 of 8, the portal's end: an untrusted post box in Redis. Nothing out of it is believed here."""

import math
import time
from typing import Any, Protocol

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.envelope import post

CONNECT_SECONDS = 3
SOCKET_SECONDS = 5


class BrokerAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The post box can't be reached.

    Args:
        sent: False if nothing was put into it for certain.
    """

    def __init__(self, *, sent: bool) -> None:
        super().__init__("The post box can't be reached.")
        self.sent = sent


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
        self._client = _client(SOCKET_SECONDS)
        self._waiting: dict[int, Any] = {}

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        try:
            return [self._client.get(post.heartbeat_key(site, worker)) for site, worker in places]
        except redis.RedisError:
            raise BrokerAway(sent=False) from None

    def send(self, worker: str, sealed: bytes) -> None:
        # A retry may put the job in twice; the worker's journal lets the second one pass without effect.
        try:
            self._client.lpush(post.queue_key(worker), post.queue_element(sealed))
        except redis.ResponseError:
            raise BrokerAway(sent=False) from None  # out of memory, or not permitted
        except redis.RedisError:
            raise BrokerAway(sent=True) from None

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        whole = max(1, math.ceil(seconds))
        if whole not in self._waiting:
            self._waiting[whole] = _client(whole + 2)
        deadline = time.monotonic() + seconds
        try:
            found = self._waiting[whole].blpop([post.reply_key(jti)], timeout=max(0.01, round(seconds, 3)))
        except redis.RedisError:
            # The answer may still come; without a post box there is nothing to do but to let the time pass.
            time.sleep(max(0.0, min(0.2, deadline - time.monotonic())))
            return None
        return bytes(found[1]) if found else None


def _client(socket_timeout: float) -> Any:
    url = settings.KEYBACK_REDIS_URL
    authority = settings.KEYBACK_REDIS_CA
    tls = {"ssl_ca_certs": authority} if authority and url.startswith("rediss://") else {}
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=socket_timeout,
        health_check_interval=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        **tls,
    )
