"""A small LDAPS server for what a real AD can't be made to show: referrals, lies, silence, endless answers.

It keeps one account. A test replaces what it says by setting `answers`, and reads what reached it; `junk`,
while set, is the answer to everything.
"""

import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from tests.fakes.ber import ENUMERATED, OCTETS, SEQUENCE, SET, elements, header_of, integer, tlv
from tests.fakes.descriptors import ALLOW, EVERYTHING, ace, binary_sid, descriptor

BIND, UNBIND, SEARCH, MODIFY, EXTENDED = 0x60, 0x42, 0x63, 0x66, 0x77
REPLY_TO = {BIND: 0x61, SEARCH: 0x65, MODIFY: 0x67, EXTENDED: 0x78}
ENTRY, REFERENCE, REFERRAL = 0x64, 0x73, 0xA3
SIMPLE, BASE_OBJECT = 0x80, 0

DOMAIN = "DC=corp,DC=example"
GUID = bytes(range(16))
TARGET = f"<GUID={GUID.hex()}>"
DN = f"CN=Alice Archer,OU=Staff,{DOMAIN}"
HINTS = "1.2.840.113556.1.4.2239"
SID_BYTES = bytes.fromhex("010500000000000515000000010000000200000003000000")
ADMINS_OF_NOTHING = SID_BYTES + struct.pack("<I", 513)

Attributes = dict[str, list[bytes]]

SERVICE = "S-1-5-21-1-2-3-1107"
"""The SID of the account that the adapter binds as."""
SCHEMA = f"CN=Schema,CN=Configuration,{DOMAIN}"
ADMIN_COUNT, PUBLIC = (
    UUID("bf967918-0de6-11d0-a285-00aa003049e2"),
    UUID("e48d0154-bcf8-11d1-8702-00c04fb96050"),
)
GUARDS: dict[str, tuple[UUID, UUID | None]] = {
    "userPrincipalName": (UUID("28630ebb-41d5-11d1-a9c1-0000f80367c1"), PUBLIC),
    "displayName": (
        UUID("bf967953-0de6-11d0-a285-00aa003049e2"),
        UUID("59ba2f42-79a2-11d0-9020-00c04fc2d3cf"),
    ),
    "mail": (UUID("bf967961-0de6-11d0-a285-00aa003049e2"), PUBLIC),
    "adminCount": (ADMIN_COUNT, None),
    "servicePrincipalName": (UUID("f3a64788-5306-11d1-a9c5-0000f80367c1"), PUBLIC),
    "badPwdCount": (
        UUID("bf96792e-0de6-11d0-a285-00aa003049e2"),
        UUID("5f202010-79a5-11d0-9020-00c04fc2d4cf"),
    ),
    "badPasswordTime": (UUID("bf96792d-0de6-11d0-a285-00aa003049e2"), None),
    "msDS-ResultantPSO": (UUID("b77ea093-88d0-4780-9a98-911f8e8b1dca"), None),
}
"""Attributes with their own GUID and that of their property set, as every forest has them."""


class HangUp(Exception):  # noqa: N818
    """The answer is a closed connection."""


class Silence(Exception):  # noqa: N818
    """There is no answer, and the connection stays open."""


@dataclass(frozen=True)
class Drip:
    """The answer comes a byte at a time, with `pause` seconds between."""

    pause: float


@dataclass(frozen=True)
class Answer:
    """What the server says: an LDAP result, with entries and references before it."""

    code: int = 0
    message: str = ""
    entries: Sequence[tuple[str, Mapping[str, Sequence[bytes]]]] = ()
    references: Sequence[str] = ()
    referral: str = ""
    value: bytes | None = None
    drip: Drip | None = None


@dataclass
class Received:
    """What reached the server, in order."""

    connections: int = 0
    binds: list[tuple[str, bytes]] = field(default_factory=list)
    searches: list[tuple[str, bytes]] = field(default_factory=list)
    modifies: list[tuple[str, bytes]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)


class LdapServer:
    """Serves on a loopback address until it is left as a context manager."""

    def __init__(
        self, certificate: tuple[Path, Path], *, name: str, address: str = "127.0.0.1", pdc: str = ""
    ) -> None:
        """Take certificate and key files, and the DNS name under which the server is known."""
        self.name, self.address = name, address
        self.received = Received()
        self.answers: dict[int, Callable[[bytes], Answer]] = {}
        self.account = alice()
        self.rules = DOMAIN_RULES
        self.junk = b""
        self.root: Attributes = {
            "supportedControl": [HINTS.encode()],
            "tokenGroups": [binary_sid(SERVICE)],
            "schemaNamingContext": [SCHEMA.encode()],
        }
        self.pdc = pdc or name
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server((address, 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()

    @property
    def host(self) -> str:
        """How the adapter's settings name it."""
        return f"{self.name}@{self.address}:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def speak_old_tls(self) -> None:
        """Speak TLS 1.1 only, with ciphers as old."""
        only_tls_1_1(self._context)

    def stop(self) -> None:
        """Close everything; nothing of it is left when this returns."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)

    def hang_up(self) -> None:
        """Close every open connection."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.received.connections += 1
            self._start(self._serve, plain)

    def _serve(self, plain: socket.socket) -> None:
        with plain, suppress(OSError, HangUp, EOFError):
            self._open.add(plain)
            try:
                with self._context.wrap_socket(plain, server_side=True) as secure:
                    self._open.add(secure)
                    self._talk(secure)
                    self._open.discard(secure)
            finally:
                self._open.discard(plain)

    def _talk(self, secure: ssl.SSLSocket) -> None:
        while True:
            message = _message(secure)
            self.received.raw.append(message)
            (_, number), (tag, body), *_ = elements(message)
            if tag == UNBIND:
                return
            if self.junk:
                secure.sendall(self.junk)
                continue
            try:
                answer = self.answers.get(tag, self._answer(tag))(body)
            except Silence:
                continue
            self._send(secure, number, tag, answer)

    def _answer(self, tag: int) -> Callable[[bytes], Answer]:
        usual = {BIND: self.bind, SEARCH: self.search, MODIFY: self.modify, EXTENDED: self.who_am_i}
        return usual[tag]

    def _send(self, secure: ssl.SSLSocket, number: bytes, tag: int, answer: Answer) -> None:
        data = b"".join(_messages(number, tag, answer))
        if answer.drip is None:
            secure.sendall(data)
            return
        for at in range(len(data)):
            secure.sendall(data[at : at + 1])
            if self._ended.wait(answer.drip.pause):
                return

    def bind(self, body: bytes) -> Answer:
        """Take any bind."""
        self.note_bind(body)
        return Answer()

    def note_bind(self, body: bytes) -> tuple[str, bytes]:
        """Remember who wanted to bind, with which password."""
        _, (_, name), (_, password) = elements(body)
        self.received.binds.append((name.decode(), password))
        return self.received.binds[-1]

    def who_am_i(self, body: bytes) -> Answer:
        """Answer with the account's name, whoever asks."""
        return Answer(value=b"u:CORP\\alice")

    def modify(self, body: bytes) -> Answer:
        """Take any modify."""
        self.note_modify(body)
        return Answer()

    def note_modify(self, body: bytes) -> None:
        """Remember a modify: its target, and its changes as they came."""
        (_, target), (_, changes) = elements(body)
        self.received.modifies.append((target.decode(), changes))

    def search(self, body: bytes) -> Answer:
        """Answer as a domain with one account does."""
        (_, base), (_, scope), *_ = elements(body)
        self.received.searches.append((base.decode(), body))
        target = base.decode()
        if target == SCHEMA:
            return Answer(entries=schema())
        if int.from_bytes(scope, "big") != BASE_OBJECT:
            return Answer(entries=[(DN, {"objectGUID": [GUID], "nETBIOSName": [b"CORP"]})])
        found = self.objects().get(target)
        return Answer(entries=[(target, found)]) if found else Answer(code=32, message="0000208D: NameErr")

    def objects(self) -> dict[str, Attributes]:
        """Return what a base search can find, by the name it is asked for with."""
        server = f"CN={self.pdc},CN=Servers,CN=Sites,CN=Configuration,{DOMAIN}"
        return {
            "": self.root | {"configurationNamingContext": [f"CN=Configuration,{DOMAIN}".encode()]},
            DOMAIN: {"fSMORoleOwner": [f"CN=NTDS Settings,{server}".encode()]} | self.rules,
            server: {"dNSHostName": [self.pdc.encode()]},
            TARGET: self.account,
        }


def only_tls_1_1(context: ssl.SSLContext) -> None:
    """Bring a context back to 2006."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


DOMAIN_RULES: Attributes = {
    "minPwdLength": [b"8"],
    "pwdProperties": [b"1"],
    "pwdHistoryLength": [b"5"],
    "minPwdAge": [b"0"],
    "lockoutThreshold": [b"5"],
    "lockOutObservationWindow": [b"-18000000000"],
}


def alice(*, computed: int = 0, pwd_last_set: int = 133_000_000_000_000_000) -> Attributes:
    """Return an ordinary account."""
    return {
        "sAMAccountName": [b"alice"],
        "displayName": [b"Alice Archer"],
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "objectSid": [SID_BYTES + struct.pack("<I", 1104)],
        "tokenGroups": [ADMINS_OF_NOTHING],
        "sAMAccountType": [b"805306368"],
        "userAccountControl": [b"512"],
        "accountExpires": [b"0"],
        "pwdLastSet": [str(pwd_last_set).encode()],
        "msDS-User-Account-Control-Computed": [str(computed).encode()],
        "nTSecurityDescriptor": [descriptor(ace(ALLOW, SERVICE, EVERYTHING))],
    }


def schema() -> list[tuple[str, Attributes]]:
    """Return how the schema guards attributes."""
    return [
        (
            f"CN={name},{SCHEMA}",
            {
                "lDAPDisplayName": [name.encode()],
                "schemaIDGUID": [own.bytes_le],
                "searchFlags": [b"0"],
                **({"attributeSecurityGUID": [shared.bytes_le]} if shared else {}),
            },
        )
        for name, (own, shared) in GUARDS.items()
    ]


def _message(secure: ssl.SSLSocket) -> bytes:
    """Read one message, without its outer header."""
    data = _exactly(secure, 2)
    if data[1] & 0x80:
        data += _exactly(secure, data[1] & 0x7F)
    _, size = header_of(data)
    return _exactly(secure, size)


def _exactly(secure: ssl.SSLSocket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = secure.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _messages(number: bytes, tag: int, answer: Answer) -> list[bytes]:
    bodies = [
        tlv(
            ENTRY,
            tlv(OCTETS, dn.encode()),
            tlv(
                SEQUENCE,
                *(tlv(SEQUENCE, tlv(OCTETS, name.encode()), _set(vals)) for name, vals in found.items()),
            ),
        )
        for dn, found in answer.entries
    ]
    bodies += [tlv(REFERENCE, tlv(OCTETS, url.encode())) for url in answer.references]
    referral = tlv(REFERRAL, tlv(OCTETS, answer.referral.encode())) if answer.referral else b""
    value = tlv(0x8B, answer.value) if answer.value is not None else b""
    code = integer(answer.code, ENUMERATED)
    bodies.append(
        tlv(REPLY_TO[tag], code, tlv(OCTETS), tlv(OCTETS, answer.message.encode()), referral, value)
    )
    return [tlv(SEQUENCE, tlv(0x02, number), body) for body in bodies]


def _set(values: Sequence[bytes]) -> bytes:
    return tlv(SET, *(tlv(OCTETS, value) for value in values))
