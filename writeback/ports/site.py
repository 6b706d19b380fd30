"""What a handler gets: the opened job, and everything that it may use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from writeback.envelope.answers import Answer, CeilingGates, DirectoryHealth, NoticeRules, Outcome
from writeback.envelope.jobs import Job
from writeback.envelope.secret import Secret
from writeback.ports.anchors import Anchors
from writeback.ports.couriers import Courier, Outbox
from writeback.ports.directory import Account, Directory
from writeback.ports.journal import Journal
from writeback.ports.register import Register

J_co = TypeVar("J_co", bound=Job, covariant=True)


class Clock(Protocol):
    """The time; a port, so that tests can set it."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, to measure waits."""
        ...


class Audit(Protocol):
    """The worker's own append-only, hash-chained record."""

    def record(self, event: str, *, reference: str, **facts: str | int | bool) -> None:
        """Append one event; its facts never hold a secret."""
        ...

    def is_up(self) -> bool:
        """Tell whether all recorded events are on the disk; until they are, nothing is written to AD."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request(Generic[J_co]):
    """An authentic, opened job for a handler.

    Args:
        jti: id of the job, 16 random bytes.
        expires: Unix time after which it must not be applied.
        passwords: decrypts the job's passwords, in the order that its class defines.
        unwrap: unwraps the key of the passwords, which is the slow part of that and may be done in advance.
    """

    job: J_co
    jti: bytes
    expires: int
    passwords: Callable[[], tuple[Secret, ...]]
    unwrap: Callable[[], None]


class Handler(Protocol):
    """The `handle` function of a module in handlers/."""

    def __call__(self, request: Request[Job], site: "Site") -> Answer: ...


class Site(Protocol):
    """Everything that a handler may use; worker.py builds the only real instance.

    Args:
        name: the name of the site, by which the portal addresses it.
        directories: the directories by id.
        worker, version: the worker's name, and its version of Keyback.
        gates, allowed, ceiling_hash, notices: the ceiling's values that Health reports.
        state_id: id of the state that this worker uses, 16 bytes.
        realm: the id under which names are counted before it is known whose they are; it must stay the same.
    """

    name: str
    directories: Mapping[str, Directory]
    clock: Clock
    audit: Audit
    register: Register
    journal: Journal
    anchors: Anchors
    outbox: Outbox
    couriers: Sequence[Courier]
    worker: str
    version: str
    gates: tuple[CeilingGates, ...]
    allowed: tuple[str, ...]
    ceiling_hash: bytes
    notices: NoticeRules
    state_id: bytes
    realm: str

    def clock_is_off(self) -> float:
        """Return by how many seconds this host's clock is ahead of the state's; negative if it is behind."""
        ...

    def judge(self, account: Account) -> Outcome | None:
        """Return why an account must not be touched, or None if it may be; may raise DirectoryAway."""
        ...

    def make_judge(self, directory: str) -> Callable[[Account], Outcome | None]:
        """Return a function that judges the accounts of a directory; call it before looking up a name.

        Raises:
            DirectoryAway: no account of the directory can be judged now.
        """
        ...

    def note_unreadable(self, account: str) -> None:
        """Alert administrators that an account can't be judged; repeated calls count once."""
        ...

    def note_broken_audit(self) -> None:
        """Alert administrators that the portal's audit is not the one that this site has seen."""
        ...

    def sign(self, label: bytes, data: bytes) -> bytes:
        """Return the signature of W-id over label ‖ data, 64 bytes."""
        ...

    def health(self, directory: str) -> DirectoryHealth:
        """Return a directory's health, and whether its people can be judged; never raises."""
        ...
