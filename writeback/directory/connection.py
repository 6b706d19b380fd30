"""One LDAPS connection: the only module that opens one and corrects ldap3's defaults.

OpenSSL itself verifies certificates, for the host's name. Referrals are never followed, no request is sent
twice, passwords are bound as bytes, and no slow or endless answer outlives the deadline.
"""

import math
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import ldap3
from ldap3.core.exceptions import LDAPException
from pyasn1.error import PyAsn1Error

from writeback.directory.sentences import Remark, of_connection
from writeback.directory.settings import Host
from writeback.directory.tls import TOO_LATE, GuardedSocket, NamedTls
from writeback.ports import MeanwhileError, do_nothing

T = TypeVar("T")
Entry = Mapping[str, Sequence[bytes]]
"""Raw values of one object, by lower-cased attribute name."""
Change = tuple[str, Sequence[bytes]]
Changes = Mapping[str, Sequence[Change]]
"""Changes of one object, by attribute."""
Control = tuple[str, bool, bytes]
Scope = str

BASE: Scope = ldap3.BASE
SUBTREE: Scope = ldap3.SUBTREE
ADD, DELETE, REPLACE = ldap3.MODIFY_ADD, ldap3.MODIFY_DELETE, ldap3.MODIFY_REPLACE

PAGED_RESULTS = "1.2.840.113556.1.4.319"
SUCCESS, SIZE_LIMIT, NO_SUCH_OBJECT = 0, 4, 32

KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)
"""Within a minute, these notice a controller that vanished silently."""

LIBRARY_FAULTS = (LDAPException, PyAsn1Error, OSError, ValueError, LookupError, TypeError, AttributeError)
"""What ldap3 raises on broken connections and on bytes that are not LDAP."""


class Broken(Exception):  # noqa: N818  # a state of the connection, not a bug of ours
    """The connection can't be used any more.

    Args:
        remark: one sentence without secrets, with the fix if it is known.
        sent: True if the request may have reached the server.
    """

    def __init__(self, remark: str | Remark, *, sent: bool = False) -> None:
        super().__init__(str(remark))
        self.remark = remark if isinstance(remark, Remark) else Remark(remark)
        self.sent = sent


@dataclass(frozen=True)
class Reply:
    """The server's verdict on one request; `cookie` asks for the next page of a search, if any."""

    result: int
    description: str
    message: str
    cookie: bytes = b""

    def __str__(self) -> str:
        return f"{self.result} {self.description}: {self.message[:300]}".rstrip("\0\n ")


class Link:
    """One open connection to one domain controller; used by one thread at a time."""

    def __init__(
        self, host: Host, context: ssl.SSLContext, *, connect_timeout: float, receive_timeout: int
    ) -> None:
        """Name the host; `open` connects."""
        self.host = host
        self.learned_at = -math.inf
        self.hints: str | None = None
        self.sids: frozenset[str] = frozenset()
        self._patience = receive_timeout
        self._tls = NamedTls(context, host.name, self._time_left)
        server = ldap3.Server(
            host.address or host.name,
            port=host.port,
            use_ssl=True,
            tls=self._tls,
            get_info=ldap3.NONE,
            connect_timeout=connect_timeout,
            allowed_referral_hosts=[],
        )
        self._ldap: Any = ldap3.Connection(
            server,
            client_strategy=ldap3.SYNC,
            auto_referrals=False,
            auto_escape=False,
            check_names=False,
            raise_exceptions=False,
            receive_timeout=receive_timeout,
            return_empty_attributes=False,
        )
        self.deadline = math.inf

    def open(self) -> None:
        """Connect and shake hands.

        Raises:
            Broken: the connection failed or the certificate is not valid; no bind has been sent.
        """
        self._guard(partial(self._ldap.open, read_server_info=False))
        for level, option, value in KEEPALIVE:
            self._ldap.socket.setsockopt(level, option, value)

    def close(self) -> None:
        """Close the socket without telling the server."""
        connection, self._ldap.closed = self._ldap.socket, True
        if connection is not None:
            connection.close()

    def is_stale(self) -> bool:
        """Tell whether the server has hung up or sent something unasked since the last request."""
        connection = self._ldap.socket
        if self._ldap.closed or connection is None:
            return True
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        return bool(poll.poll(0))

    def certificate_end(self) -> float:
        """Return the Unix time at which the server's certificate expires."""
        return ssl.cert_time_to_seconds(self._ldap.socket.getpeercert()["notAfter"])

    def bind(self, name: str, password: bytes) -> Reply:
        """Bind with a password; an empty one would be an unauthenticated bind (RFC 4513 5.1.2)."""
        if not name or not password:
            raise Broken("A bind without a name or a password is never sent.")
        return self._ask(partial(self._ldap.rebind, name, password, ldap3.SIMPLE, read_server_info=False))

    def who_am_i(self) -> str:
        """Return whom the server takes this connection for (RFC 4532), or ""."""
        self._ask(self._ldap.extend.standard.who_am_i)
        return str(self._ldap.response or "")

    def search(
        self,
        base: str,
        where: str,
        attributes: Sequence[str],
        *,
        scope: Scope = BASE,
        limit: int = 0,
        controls: Sequence[Control] = (),
        meanwhile: Callable[[], None] = do_nothing,
        page: tuple[int, bytes] | None = None,
    ) -> tuple[Reply, list[Entry]]:
        """Search, and call `meanwhile` until the answer comes; references to other servers are left out.

        With a page (its size and the cookie of the page before; RFC 2696) it returns one page, and the reply
        holds the cookie for the next one.
        """
        left = min(self._patience, max(1, math.floor(self.deadline - time.monotonic())))

        def ask() -> list[dict[str, Any]]:
            self._ldap.search(
                base,
                where,
                scope,
                ldap3.DEREF_NEVER,
                list(attributes),
                size_limit=limit,
                time_limit=left,
                controls=list(controls) or None,
                paged_size=page[0] if page else None,
                paged_cookie=page[1] if page else None,
            )
            return list(self._ldap.response)

        found: list[Entry] = []

        def collect() -> None:
            found.extend(
                {name.lower(): values or () for name, values in entry["raw_attributes"].items()} | _dn(entry)
                for entry in ask()
                if entry["type"] == "searchResEntry"
            )

        return self._ask(collect, meanwhile), found

    def modify(self, target: str, changes: Changes, controls: Sequence[Control] = ()) -> Reply:
        """Send one modify request, once.

        Raises:
            Broken: if its `sent` is True, nobody knows whether the server did it.
        """
        wanted = {name: [(kind, list(values)) for kind, values in change] for name, change in changes.items()}
        return self._ask(partial(self._ldap.modify, target, wanted, controls=list(controls) or None))

    def _time_left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(TOO_LATE)
        return min(left, self._patience)

    def _ask(self, call: Callable[[], object], meanwhile: Callable[[], None] = do_nothing) -> Reply:
        """Send one request, and keep nothing of it that may hold a password."""
        try:
            self._guard(call, meanwhile)
            result = self._ldap.result
        finally:
            self._ldap.request = self._ldap.password = self._ldap.result = None
        paging = result.get("controls", {}).get(PAGED_RESULTS)
        return Reply(
            int(result["result"]),
            str(result["description"]),
            str(result["message"]),
            paging["value"]["cookie"] or b"" if paging else b"",
        )

    def _guard(self, call: Callable[[], T], meanwhile: Callable[[], None] = do_nothing) -> T:
        guarded = isinstance(self._ldap.socket, GuardedSocket)
        if guarded:
            self._ldap.socket.start_request(self.deadline, self._patience, partial(_do, meanwhile))
        connection = self._ldap.socket
        try:
            return call()
        except LIBRARY_FAULTS as fault:
            told = of_connection(self.host, fault, handshake=self._tls.fault)
        sent = guarded and connection.sent
        self.close()
        # Raised outside the except block, so that no chained exception carries the request.
        raise Broken(told, sent=sent)


def _do(meanwhile: Callable[[], None]) -> None:
    """Call it, and mark its errors so that they are not taken for ldap3's, which raises the same types."""
    try:
        meanwhile()
    except LIBRARY_FAULTS as fault:
        raise MeanwhileError from fault


def _dn(entry: Mapping[str, Any]) -> dict[str, list[bytes]]:
    return {"dn": [str(entry["dn"]).encode()]}
