"""Attempts and factors: the worker's memory of who has proven what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from writeback.envelope.answers import Answer, AttemptOpened, FactorList, SignedIn
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.names import Name
from writeback.envelope.secret import Secret
from writeback.ports.couriers import Note
from writeback.ports.directory import Account, Owner


class StateAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The site's memory can't be read or written; whatever was being remembered was not.

    Args:
        detail: one sentence for the worker's log; never holds a secret.
    """


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One journey, as the worker's own row has it.

    Args:
        id: 16 random bytes.
        guid: the person's objectGUID; for a decoy, 16 bytes that stand for the name that was typed.
        decoy: True if nobody stands behind it; nothing in it ever succeeds.
        typed: what stands for the name that was typed, as hex; empty where a password was proven. What is
            told before proof is counted by it: two names of one person share no more than those of nobody.
        chain: 16 bytes that its browser's attempts have in common; empty where a password was proven.
        proven: whether the marks in the row sufficed for the operation when it was found; INTENT looks again.
        pwd_last_set: of a sign-in, the account's pwdLastSet when it was made (FILETIME); else 0.
    """

    id: bytes
    directory: str
    operation: Operation
    guid: bytes
    decoy: bool
    typed: str = field(default="", compare=False)
    chain: bytes = field(default=b"", compare=False)
    proven: bool = field(default=False, compare=False)
    pwd_last_set: int = field(default=0, compare=False)

    @property
    def owner(self) -> Owner:
        """Whose attempt it is."""
        return Owner(directory=self.directory, guid=self.guid)


@dataclass(frozen=True, kw_only=True)
class PasswordTry:
    """A try at somebody's AD password that was counted before the directory is asked.

    Args:
        owner: whose password it is.
        typed: what stands for the name that was typed, as hex.
        ticket: 16 random bytes under which it was counted.
        open_before: tries at the same password that no worker of the site had ended by then.
        life: seconds after which it is not counted as open any more; no password may be sent later.
        is_spent: the person has had enough tries by whatever names: nothing may be sent, and nobody is told.
    """

    owner: Owner
    typed: str
    ticket: bytes
    open_before: int
    life: int
    is_spent: bool = False


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What came of a code.

    Args:
        answer: what the browser is told.
        looked_at: False where no code could have been right, whatever is told: what it belongs to rests.
        rests_until: Unix time at which a rest ends that began with this code; 0 for none.
    """

    answer: Answer
    looked_at: bool = True
    rests_until: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Started:
    """What came of the wish for a code.

    Args:
        answer: what the browser is told.
        withheld: True where a way that sends codes sent none, whatever is told.
    """

    answer: Answer
    withheld: bool


class Hearers(StrEnum):
    """Whose addresses hear of something that is done to an account."""

    PERSON = "person"
    ADMINISTRATORS = "administrators"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Who hears of something that is done to an account.

    Args:
        notes: one for each address.
        told: whose addresses these are.
        refused: True where the site does nothing for somebody who can't be told.
    """

    notes: tuple[Note, ...]
    told: Hearers
    refused: bool = False


class Register(Protocol):
    """Attempts and factors: who is proving what, and by what. Proof is checked here and nowhere else.

    Every method may raise StateAway; what it was to remember is then not remembered.
    """

    def open(
        self,
        *,
        directory: str,
        operation: Operation,
        name: Name,
        account: Account | None,
        chain: bytes | None = None,
    ) -> AttemptOpened:
        """Open an attempt for a name; without an account, or without enough usable factors, it is a decoy.

        A chain that is no token of this site's counts as none.
        """
        ...

    def open_signed_in(self, account: Account) -> SignedIn | Answer:
        """Open a REGISTER attempt for somebody whose password has just been found right."""
        ...

    def attempt(
        self, identifier: bytes, *, directory: str, operations: frozenset[Operation]
    ) -> Attempt | None:
        """Return the attempt if it is open, in time and for one of these; its idle time starts anew."""
        ...

    def end(self, attempt: Attempt) -> None:
        """Void an attempt: nothing can be done in it any more."""
        ...

    def end_others(self, attempt: Attempt) -> None:
        """Void every other attempt and sign-in of the person, because something may have been done."""
        ...

    def start(self, attempt: Attempt, factor: bytes, *, locale: str) -> Started:
        """Make a code and put it in the outbox, where the factor sends; do nothing where it does not."""
        ...

    def check(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Checked:
        """Check a code at the cost of a try; a right one marks the row. DONE brings Progress.

        A wrong one may begin a rest of what can be guessed; the owner is told, in this language.
        """
        ...

    def factors(self, attempt: Attempt) -> FactorList:
        """Return the factors of the signed-in person, masked."""
        ...

    def enrol(
        self, attempt: Attempt, method: MethodKind, destination: Secret | None, *, locale: str
    ) -> Answer:
        """Make a pending factor. DONE brings FactorPending; a destination of None is the directory's own."""
        ...

    def confirm(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Answer:
        """Make a pending factor active, and tell its owner. DONE brings FactorList."""
        ...

    def remove(self, attempt: Attempt, factor: bytes, *, locale: str) -> Answer:
        """Remove a factor for good, and tell its owner. DONE brings FactorList."""
        ...

    def shadow(self, directory: str, name: Name) -> bytes:
        """Return the 16 bytes that stand for a name nobody has, always the same ones."""
        ...

    def reserve_password(self, owner: Owner, *, typed: str) -> PasswordTry | Answer:
        """Count a wrong password in advance, and the try as open; an answer says why none may be made."""
        ...

    def take_questions(self, many: int) -> int:
        """Count so many questions of administrators, or none; return the seconds to wait, 0 if counted."""
        ...

    def settle_password(self, tried: PasswordTry, *, wrong: bool, ended: bool) -> None:
        """Keep what came of a try.

        Args:
            tried: what `reserve_password` returned.
            wrong: False takes the count back: the password was right, or was never looked at.
            ended: False leaves the try open until its time is over: the directory may still count it.
        """
        ...

    def notices(self, kind: str, account: Account, *, locale: str, parameters: Mapping[str, str]) -> Notices:
        """Return one note for each address that must hear of what was done to an account."""
        ...
