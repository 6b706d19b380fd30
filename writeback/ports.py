"""What the worker's core needs of the outside: protocols, and the values that pass through them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from writeback.envelope.answers import Answer, DirectoryHealth, Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.jobs import Job
from writeback.envelope.secret import Secret

J_co = TypeVar("J_co", bound=Job, covariant=True)


class Clock(Protocol):
    """The time, so that tests can move it."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for measuring waits."""
        ...


class DirectoryAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The directory could not be asked, and nothing was sent that could have changed anything.

    Args:
        detail: one sentence for the worker's audit; never holds a secret.
    """


@dataclass(frozen=True, kw_only=True)
class Account:
    """A directory account as it was read a moment ago.

    Args:
        guid: objectGUID, 16 bytes as AD stores them.
        name: sAMAccountName.
        sids: SIDs of the account and of every group it is in, nested and primary ones too (tokenGroups).
        pwd_last_set: FILETIME (100 ns since 1601); 0 means "must change at next logon".
        bad_password_count: on the PDC emulator, within the observation window.
        lockout_threshold: effective (PSO or domain); 0 means never locked.
        person: False for computers, managed service accounts and trusts.
    """

    directory: str
    guid: bytes
    dn: str
    name: str
    upn: str
    display_name: str
    mail: str
    sids: frozenset[str]
    admin_count: bool
    has_spn: bool
    person: bool
    disabled: bool
    locked: bool
    expired: bool
    must_change: bool
    pwd_last_set: int
    bad_password_count: int
    lockout_threshold: int


@dataclass(frozen=True, kw_only=True)
class Preimage:
    """Where a write will go and what stood there before, kept with INTENT to resolve a crash.

    Args:
        dc: host name of the one domain controller that will be written to.
        pwd_last_set: FILETIME of the account on that DC.
        locked: whether the account was locked there.
    """

    dc: str
    pwd_last_set: int
    locked: bool


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the directory said to a write.

    Args:
        outcome: DONE, PARTIAL, UNKNOWN (the answer was lost after the write was sent), or a refusal.
        detail: the directory's own words, for the worker's audit only.
        unlocked: True if the account was locked before and is not any more.
    """

    outcome: Outcome
    detail: str = ""
    unlocked: bool = False


class Directory(Protocol):
    """One AD forest or domain. A refusal is a value; the only exception that comes out is DirectoryAway."""

    id: str

    def find(self, name: str) -> Account | None:
        r"""Return the one account of that name (account, UPN, mail, DOMAIN\name); None if not just one."""
        ...

    def read(self, guid: bytes) -> Account | None:
        """Return the account with that objectGUID, read live; None if there is none."""
        ...

    def group_sids(self, dns: Sequence[str]) -> frozenset[str]:
        """Return the SIDs of the groups with these DNs.

        Raises:
            LookupError: a DN names no group; its text is the DN.
        """
        ...

    def policy(self, account: Account | None) -> PolicyFacts:
        """Return the effective password rules of an account, or the domain's for None."""
        ...

    def check_password(self, account: Account, password: Secret) -> Outcome:
        """Bind as the account: DONE, WRONG_PASSWORD, MUST_CHANGE, PASSWORD_EXPIRED, or ACCOUNT_…."""
        ...

    def prepare(self, account: Account) -> Preimage:
        """Choose the DC to write to (the PDC emulator if it can be reached) and read what stands there."""
        ...

    def reset_password(self, account: Account, new: Secret, *, at: Preimage) -> Written:
        """Set a new password under the full policy, and unlock the account in the same write."""
        ...

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        """Change the password with the old one as proof; works for must-change and expired passwords too."""
        ...

    def unlock(self, account: Account, *, at: Preimage) -> Written:
        """Unlock the account and leave its password."""
        ...

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        """Read pwdLastSet on one given DC, to resolve an INTENT after a crash; None if it is gone."""
        ...

    def is_locked_on(self, dc: str, guid: bytes) -> bool:
        """Tell whether the account is locked on one given DC."""
        ...

    def explain_refusal(self, account: Account, new: Secret) -> PolicyRefusal:
        """Work out which rules a password broke that the directory has just refused."""
        ...

    def health(self) -> DirectoryHealth:
        """Probe the directory; never raises."""
        ...


@dataclass(frozen=True, kw_only=True)
class Message:
    """A text to be sent.

    Args:
        to: address in the courier's own form (a mail address).
        kind: name of the text ("code", "notice-reset", …), for the audit.
    """

    to: str
    subject: str
    body: str
    kind: str


class Courier(Protocol):
    """A way to get a text to a person: CourierAway means not now, CourierRefused never."""

    name: str

    def send(self, message: Message) -> None:
        """Hand the message over for good."""
        ...

    def is_up(self) -> bool:
        """Probe the provider; never raises."""
        ...


class CourierAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The provider can't take the message now; it is kept and tried again."""


class CourierRefused(Exception):  # noqa: N818
    """The provider will never take this message."""


class Audit(Protocol):
    """The worker's own append-only, hash-chained record."""

    def record(self, event: str, *, reference: str, **facts: str | int | bool) -> None:
        """Append one event; facts never hold a secret."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request(Generic[J_co]):
    """A job that was opened and found authentic, on its way to its handler.

    Args:
        jti: its id, 16 random bytes.
        expires: Unix time after which it must not be applied.
        passwords: opens the box of passwords, in the order that the job's class gives.
    """

    job: J_co
    jti: bytes
    expires: int
    passwords: Callable[[], tuple[Secret, ...]]


class Handler(Protocol):
    """What each file in handlers/ has as `handle`."""

    def __call__(self, request: Request[Job], site: "Site") -> Answer: ...


class Site(Protocol):
    """All that a handler may use; worker.py builds the one real instance."""

    directories: Mapping[str, Directory]
    clock: Clock
    audit: Audit
