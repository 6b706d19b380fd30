"""What a handler is given: the job that was opened, and all that it may use."""

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
    """The time, so that tests can move it."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for measuring waits."""
        ...


class Audit(Protocol):
    """The worker's own append-only, hash-chained record."""

    def record(self, event: str, *, reference: str, **facts: str | int | bool) -> None:
        """Append one event; facts never hold a secret."""
        ...

    def is_up(self) -> bool:
        """Tell whether what was recorded has reached the disk; while it has not, nothing is written to AD."""
        ...


@dataclass(frozen=True, kw_only=True)
class Request(Generic[J_co]):
    """A job that was opened and found authentic, on its way to its handler.

    Args:
        jti: its id, 16 random bytes.
        expires: Unix time after which it must not be applied.
        passwords: decrypts them, in the order that the job's class gives.
        unwrap: unwraps the key that they are sealed with: the slow part of it, which may be done in advance.
    """

    job: J_co
    jti: bytes
    expires: int
    passwords: Callable[[], tuple[Secret, ...]]
    unwrap: Callable[[], None]


class Handler(Protocol):
    """What each file in handlers/ has as `handle`."""

    def __call__(self, request: Request[Job], site: "Site") -> Answer: ...


class Site(Protocol):
    """All that a handler may use; worker.py builds the one real instance.

    Args:
        directories: by id.
        worker, version: how this worker calls itself.
        gates, allowed, ceiling_hash, notices: the ceiling's values, as Health tells them.
        state_id: what names the state that this worker uses, 16 bytes.
    """

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

    def clock_is_off(self) -> float:
        """Return the seconds that this host's clock is ahead of the state's; negative where it is behind."""
        ...

    def judge(self, account: Account) -> Outcome | None:
        """Say why an account must not be touched, or None if it may be; may raise DirectoryAway."""
        ...

    def make_judge(self, directory: str) -> Callable[[Account], Outcome | None]:
        """Return what judges the accounts of a directory, for names of which nobody knows yet whose they are.

        Raises:
            DirectoryAway: nobody of it can be judged now, whoever is asked for.
        """
        ...

    def note_unreadable(self, account: str) -> None:
        """Have administrators told that an account can't be judged; told again and again, it counts once."""
        ...

    def note_broken_audit(self) -> None:
        """Have administrators told that the portal's audit is not what this site has seen of it."""
        ...

    def sign(self, label: bytes, data: bytes) -> bytes:
        """Return the signature of W-id over label ‖ data, 64 bytes."""
        ...

    def health(self, directory: str) -> DirectoryHealth:
        """Say how a directory is, and whether its people can be judged; never raises."""
        ...
