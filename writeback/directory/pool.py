"""Warm connections to the domain controllers; the PDC emulator comes first."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from enum import Enum
from typing import TypeVar

from writeback.ceiling.protected import powers
from writeback.directory.attributes import sid, text
from writeback.directory.connection import Broken, Link, Reply
from writeback.directory.refusals import Verb, ad_code
from writeback.directory.rests import Rests
from writeback.directory.sentences import Remark, of_bind, of_powers
from writeback.directory.settings import DirectorySettings, Host
from writeback.directory.tls import TOO_LATE, tls_context
from writeback.ports import DirectoryAway

T = TypeVar("T")

HINTS = ("1.2.840.113556.1.4.2239", "1.2.840.113556.1.4.2066")
"""The policy-hints control and its older twin (MS-ADTS 3.1.1.3.4.1.27), the better one first."""
WRONG_CREDENTIALS = 49
"""The result that AD counts as a wrong password (RFC 4511 A.2); others concern one controller only."""
LEARN_EVERY = 300
REST = 10
"""Seconds for which an unreachable controller comes last."""


class Purpose(Enum):
    """What a connection is for: people never bind on the service account's connections."""

    SERVICE = "service"
    SIGN_IN = "sign-in"


class Pool:
    """Keeps one connection for each thread that uses it at the same time; each is warm after its first use.

    Attributes:
        pdc: the PDC emulator's name, once it is known.
        excess_rights: why nobody may be served with this service account, as of the last check; None if fine.
    """

    def __init__(self, settings: DirectorySettings) -> None:
        """Read the authorities' certificates; connect to nothing yet."""
        self.hosts = settings.controllers()
        self.pdc: str | None = None
        self.excess_rights: Remark | None = None
        self._settings = settings
        self._context = tls_context(str(settings.ca_file) if settings.ca_file else None)
        self._idle: dict[tuple[str, Purpose], list[Link]] = defaultdict(list)
        self._lock = threading.Lock()
        self._resting: dict[str, float] = {}
        self._rests = Rests(len(self.hosts))
        self._one_try = threading.Lock()

    def read(self, ask: Callable[[Link], T], *, purpose: Purpose = Purpose.SERVICE) -> T:
        """Ask the PDC emulator, or the next controller if that one can't be reached.

        A warm connection may have died unnoticed, so a failure is retried over a fresh one; a person's bind
        never is, because each try counts.

        Raises:
            DirectoryAway: no controller could be asked.
        """
        deadline = self.deadline(share=0.5)
        failed: set[str] = set()
        again: set[str] = set()
        problems: list[str] = []
        while len(failed) < len(self.hosts):
            host = self._best(failed)
            try:
                with self.link(host, deadline=deadline, purpose=purpose, fresh=host.name in again) as link:
                    if self._best(failed) == host:
                        return ask(link)
            except Broken as fault:
                problems.append(str(fault))
                if fault.sent and purpose is Purpose.SIGN_IN:
                    break
                (again if fault.sent and host.name not in again else failed).add(host.name)
        raise DirectoryAway("; ".join(dict.fromkeys(problems)))

    def preferred(self) -> str:
        """Return the name of the controller that `read` would ask first now."""
        return self._best(()).name

    def host(self, name: str) -> Host:
        """Return the configured host of that name.

        Raises:
            DirectoryAway: there is no such host (any more).
        """
        for host in self.hosts:
            if host.name == name.lower():
                return host
        raise DirectoryAway(f"{name} is not among the configured hosts.")

    def deadline(self, share: float = 1.0) -> float:
        """Return the moment (time.monotonic) by which a call that begins now must end."""
        return time.monotonic() + self._settings.total_deadline * share

    @contextmanager
    def link(
        self, host: Host, *, deadline: float, purpose: Purpose = Purpose.SERVICE, fresh: bool = False
    ) -> Iterator[Link]:
        """Lend a connection to one controller, and keep it afterwards unless it broke.

        Args:
            host: the controller.
            deadline: of time.monotonic, for everything done with the connection.
            purpose: SERVICE connections are bound as the service account.
            fresh: make a new one.

        Raises:
            Broken: the connection could not be opened or broke, or the controller refuses the account.
        """
        link = None if fresh else self._take(host, purpose)
        if link is None:
            link = self._open(host, purpose, deadline)
        with ExitStack() as undo:
            undo.callback(link.close)
            link.deadline = deadline
            if purpose is Purpose.SERVICE and time.monotonic() - link.learned_at > LEARN_EVERY:
                self._learn(link)
            yield link
            undo.pop_all()
        with self._lock:
            self._idle[host.name, purpose].append(link)

    def close(self) -> None:
        """Close every connection that is not lent."""
        with self._lock:
            links = [link for idle in self._idle.values() for link in idle]
            self._idle.clear()
        for link in links:
            link.close()

    def _best(self, failed: Collection[str]) -> Host:
        """Return the controller to ask next: the PDC emulator, then as configured; resting ones last."""
        now = time.monotonic()

        def rank(host: Host) -> tuple[bool, bool]:
            rests = self._resting.get(host.name, now) > now or self._rests.is_resting(host.name, now=now)
            return rests, host.name != self.pdc

        return min((host for host in self.hosts if host.name not in failed), key=rank)

    def _take(self, host: Host, purpose: Purpose) -> Link | None:
        while True:
            with self._lock:
                idle = self._idle[host.name, purpose]
                link = idle.pop() if idle else None
            if link is None or not link.is_stale():
                return link
            link.close()

    def _open(self, host: Host, purpose: Purpose, deadline: float) -> Link:
        if purpose is Purpose.SERVICE:
            self._need_no_rest(host)
        left = max(0.1, deadline - time.monotonic())
        link = Link(
            host,
            self._context,
            connect_timeout=min(self._settings.connect_timeout, left),
            receive_timeout=self._settings.receive_timeout,
        )
        link.deadline = deadline
        try:
            link.open()
        except Broken:
            self._resting[host.name] = time.monotonic() + REST
            raise
        self._resting.pop(host.name, None)
        if purpose is Purpose.SERVICE:
            self._bind_service(link)
        return link

    def _bind_service(self, link: Link) -> None:
        """Bind as the service account.

        Raises:
            Broken: this controller refused it, or others did a moment ago, or its turn did not come in time.
        """
        with ExitStack() as undo:
            undo.callback(link.close)
            with self._in_turn(link):
                self._need_no_rest(link.host)
                reply = link.bind(self._settings.bind_dn, self._settings.bind_password.reveal().encode())
                self._note(link.host, reply)
            undo.pop_all()

    @contextmanager
    def _in_turn(self, link: Link) -> Iterator[None]:
        """While the service account is in doubt, let one thread try it at a time, since a try may count.

        Raises:
            Broken: the tries of other threads took longer than this request may.
        """
        if not self._rests.doubtful():
            yield
            return
        if not self._one_try.acquire(timeout=max(0.0, link.deadline - time.monotonic())):
            raise Broken(f"{link.host.name}: {TOO_LATE}")
        try:
            yield
        finally:
            self._one_try.release()

    def _note(self, host: Host, reply: Reply) -> None:
        """Remember how a controller answered the service account's bind.

        Raises:
            Broken: it refused.
        """
        now, name = time.monotonic(), host.name
        if not reply.result:
            with self._lock:
                self._rests.note_success(name)
            return
        code = ad_code(Verb.BIND, reply.message)
        told = of_bind(host, result=reply.result, code=code, text=str(reply))
        if reply.result != WRONG_CREDENTIALS:
            self._resting[name] = now + REST
            raise Broken(told)
        with self._lock:
            self._rests.note_refusal(name, code=code, problem=told, now=now)
        raise Broken(told)

    def _need_no_rest(self, host: Host) -> None:
        told = self._rests.why_not(host.name, now=time.monotonic())
        if told is not None:
            raise Broken(told)

    def _learn(self, link: Link) -> None:
        """Read the offered policy-hints control, the PDC emulator, and whom the connection acts as.

        The tokenGroups of the rootDSE are the SIDs of the connection itself (MS-ADTS 3.1.1.3.2), including
        those that everybody has.

        Raises:
            Broken: the connection acts as an administrator.
        """
        _, found = link.search("", "(objectClass=*)", ["supportedControl", "tokenGroups"])
        link.sids = frozenset(sid(value) for entry in found for value in entry.get("tokengroups", ()))
        found_power = of_powers(self._settings.bind_dn, powers(link.sids))
        self.excess_rights = found_power
        if found_power is not None:
            raise Broken(found_power)
        offered = {
            value.decode("ascii", "replace") for entry in found for value in entry.get("supportedcontrol", ())
        }
        link.hints = next((oid for oid in HINTS if oid in offered), None)
        _, found = link.search(self._settings.base, "(objectClass=*)", ["fSMORoleOwner"])
        owner = text(found[0], "fsmoroleowner") if found else ""
        # fSMORoleOwner names the "NTDS Settings" below the controller's server object.
        _, found = (
            link.search(owner.partition(",")[2], "(objectClass=server)", ["dNSHostName"])
            if owner
            else (0, [])
        )
        if found:
            self.pdc = text(found[0], "dnshostname").lower()
        link.learned_at = time.monotonic()
