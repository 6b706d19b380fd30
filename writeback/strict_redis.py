"""Connections to a Redis that is not trusted: whatever it answers, nothing but a RedisError comes of it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import redis

from writeback.config import RedisConfig
from writeback.envelope.bounds import BoundedSocket

# What parsing something that is no answer can raise, in redis-py 8.1's parser and its callbacks.
UNPARSABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)


# RESP2 knows neither pushed messages nor maps. CLIENT SETINFO is not in the accounts' lists (Redis 7.0 can't
# name it there), and would tell Redis which libraries run here.
CONNECTION_OPTIONS: dict[str, Any] = {"protocol": 2, "driver_info": None}


class _Strict:
    """Reads only so much of an answer, and knows one error for all that is none."""

    socket_timeout: float | None
    disconnect: Callable[[], None]
    _sock: Any

    def _connect(self) -> Any:
        connection: Any = super()  # redis-py's, whose types name no methods
        return BoundedSocket(connection._connect(), seconds=self.socket_timeout)  # noqa: SLF001

    def can_read(self, *args: Any, **kwargs: Any) -> Any:
        connection: Any = super()
        self._begin_answer()
        return connection.can_read(*args, **kwargs)

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return an answer.

        Raises:
            redis.RedisError: it is an error, none, or not a whole one.
        """
        connection: Any = super()
        self._begin_answer()
        try:
            return connection.read_response(*args, **kwargs)
        except UNPARSABLE as error:
            self.disconnect()
            raise redis.InvalidResponse(f"no answer: {type(error).__name__}") from None

    def _begin_answer(self) -> None:
        if isinstance(self._sock, BoundedSocket):
            self._sock.begin_answer()


class StrictConnection(_Strict, redis.Connection):
    """For Redis on this machine, in clear."""


class StrictTLSConnection(_Strict, redis.SSLConnection):
    """For Redis over TLS; certificate and name are always checked."""


def strict_client(
    config: RedisConfig, **options: Any
) -> Any:  # redis-py's types know neither bytes nor pipelines
    """Return a client of a worker's Redis.

    Args:
        config: address and credentials.
        options: of redis-py, such as `socket_timeout` in seconds.
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
