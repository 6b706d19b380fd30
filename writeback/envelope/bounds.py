"""How much is read of one answer of an untrusted server: so many bytes, within so many seconds."""

import socket
import time
from collections.abc import Callable
from typing import Any

MOST_BYTES = 2 * 1024 * 1024  # an element of the queue is 1 MiB at most (proto-max-bulk-len)
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


class BoundedSocket:
    """A connected socket that stops reading when one answer is too long or takes too long.

    A timeout of the socket alone holds for each piece of an answer: a server that sends a byte now and then
    could keep a thread for hours, and one that goes on sending could fill the memory.

    Args:
        sock: what is read from and written to.
        seconds: within which an answer must have come whole; None for no bound.
        most: bytes that one answer may have.
    """

    def __init__(self, sock: socket.socket, *, seconds: float | None, most: int = MOST_BYTES) -> None:
        self._sock, self._seconds, self._most = sock, seconds, most
        self.begin_answer()

    def begin_answer(self) -> None:
        """Start to count bytes and seconds anew."""
        self._left = self._most
        self._deadline = None if self._seconds is None else time.monotonic() + self._seconds

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Read as the socket itself does.

        Raises:
            ConnectionAbortedError: the answer is too long.
            TimeoutError: it takes too long.
        """
        if self._left <= 0:
            raise ConnectionAbortedError("The answer is too long.")
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeoutError("The answer takes too long.")
        data = self._sock.recv(size, flags)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        """Return the number by which the system knows the socket."""
        return self._sock.fileno()

    def __getattr__(self, name: str) -> Any:
        """Do everything else as the socket itself does."""
        return getattr(self._sock, name)


class Strict:
    """Goes before a Redis client's connection class: bounds each answer, and has one error for what is none.

    It imports no client, so that both sides can have it.
    """

    no_answer: type[Exception]

    socket_timeout: float | None
    disconnect: Callable[[], None]
    _sock: Any

    def _connect(self) -> Any:
        connection: Any = super()  # redis-py's, whose types name no methods
        return BoundedSocket(connection._connect(), seconds=self.socket_timeout)  # noqa: SLF001

    def can_read(self, *args: Any, **kwargs: Any) -> Any:
        """Tell whether something has come that was not read."""
        connection: Any = super()
        self._begin_answer()
        return connection.can_read(*args, **kwargs)

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return an answer.

        Raises:
            no_answer: what came can't be read as one.
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
