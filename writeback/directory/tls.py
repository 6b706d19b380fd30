"""TLS for connections to controllers, on sockets that give up at a deadline."""

import math
import ssl
import time
from collections.abc import Callable
from typing import Any

import ldap3

from writeback.envelope.tls import client_context

LARGEST_ANSWER = 2**20
"""Most bytes in one answer; the largest honest answer, an account in 1,000 groups, has 50 KB."""

TOO_LATE = "the time for this request is over"


class GuardedSocket(ssl.SSLSocket):
    """A TLS socket that gives up at a deadline, or after too many bytes, however slowly they arrive."""

    deadline = math.inf
    patience = 10.0
    allowance = LARGEST_ANSWER
    sent = False
    meanwhile: Callable[[], None] | None = None

    def start_request(self, deadline: float, patience: float, meanwhile: Callable[[], None]) -> None:
        """Prepare for the next request.

        Args:
            deadline: time.monotonic at which the whole request ends.
            patience: seconds for one wait.
            meanwhile: called once the request is sent, before waiting for its answer.
        """
        self.deadline, self.patience, self.allowance, self.sent = deadline, patience, LARGEST_ANSWER, False
        self.meanwhile = meanwhile

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Call `meanwhile`, then read; never beyond the deadline or the allowance."""
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        self._wait_at_most()
        data = super().recv(buflen, flags)
        self.allowance -= len(data)
        if self.allowance < 0:
            raise OSError(f"the answer is larger than {LARGEST_ANSWER} bytes")
        return data

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send like a socket, and remember that bytes may have been sent."""
        self._wait_at_most()
        self.sent = True
        super().sendall(data, flags)

    def _wait_at_most(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(TOO_LATE)
        self.settimeout(min(left, self.patience))


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that verifies chain, name and dates, speaks TLS ≥ 1.2, and makes guarded sockets."""
    context = client_context(ca_file)
    context.sslsocket_class = GuardedSocket
    return context


class NamedTls(ldap3.Tls):
    """Lets OpenSSL check names during the handshake; ldap3 checks them itself, after it.

    Attributes:
        fault: the error that ended the last handshake; ldap3 itself keeps only a text.
    """

    fault: OSError | None = None

    def __init__(self, context: ssl.SSLContext, name: str, patience: Callable[[], float]) -> None:
        """Take the DNS name to verify, and a function that returns how many seconds a handshake may take."""
        super().__init__(validate=ssl.CERT_REQUIRED)
        self._context, self._name, self._patience = context, name, patience

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: ARG002
        """Shake hands, or raise; ldap3 calls this on a socket that has just connected."""
        connection.socket.settimeout(self._patience())
        try:
            connection.socket = self._context.wrap_socket(connection.socket, server_hostname=self._name)
        except OSError as error:
            self.fault = error
            raise
