"""Limits how many bytes and seconds one answer of an untrusted server may take."""

import socket
import time
from collections.abc import Callable
from typing import Any

MOST_BYTES = 2 * 1024 * 1024  # an element of the queue is 1 MiB at most (proto-max-bulk-len)
# The errors that redis-py 8.1's parser and callbacks can raise for bytes that are no valid answer.
UNPARSABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)


class BoundedSocket:
    """A connected socket that stops reading when one answer is too long or takes too long.

    The socket's own timeout applies to each piece of an answer. So a server that sends a byte now and then
    could hold a thread for hours, and one that never stops sending could fill the memory.

    Args:
        sock: the connected socket.
        seconds: the time in which a whole answer must arrive; None for no limit.
        most: how many bytes one answer may have.
    """

    def __init__(self, sock: socket.socket, *, seconds: float | None, most: int = MOST_BYTES) -> None:
        self._sock, self._seconds, self._most = sock, seconds, most
        self.begin_answer()

    def begin_answer(self) -> None:
        """Start counting bytes and seconds from zero again."""
        self._left = self._most
        self._deadline = None if self._seconds is None else time.monotonic() + self._seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read like the socket itself.

        Raises:
            ConnectionAbortedError: the answer is too long.
            TimeoutError: the answer takes too long.
        """
        if self._left <= 0:
            raise ConnectionAbortedError("The answer is too long.")
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeoutError("The answer takes too long.")
        data = self._sock.recv(size, flags)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        """Return the socket's file descriptor."""
        return self._sock.fileno()

    def __getattr__(self, name: str) -> Any:
        """Return any other attribute of the socket itself."""
        return getattr(self._sock, name)


class Strict:
    """Mixin that goes before a Redis client's connection class; it bounds answers and checks their form.

    It imports no Redis client, so that both sides can use it.

    Attributes:
        no_answer: the error to raise for bytes that are no valid answer.
    """

    no_answer: type[Exception]

    socket_timeout: float | None
    disconnect: Callable[[], None]
    _sock: Any

    def _connect(self) -> Any:
        connection: Any = super()  # redis-py's, whose types name no methods
        return BoundedSocket(connection._connect(), seconds=self.socket_timeout)  # noqa: SLF001

    def can_read(self, *args: Any, **kwargs: Any) -> Any:
        """Tell whether there are bytes that were not read yet."""
        connection: Any = super()
        self._begin_answer()
        return connection.can_read(*args, **kwargs)

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return an answer.

        Raises:
            no_answer: the bytes are no valid answer.
        """
        connection: Any = super()
        self._begin_answer()
        try:
            return connection.read_response(*args, **kwargs)
        except UNPARSABLE as error:
            self.disconnect()
            raise self.no_answer(f"no answer: {type(error).__name__}") from None

    def _begin_answer(self) -> None:
        if isinstance(self._sock, BoundedSocket):
            self._sock.begin_answer()
