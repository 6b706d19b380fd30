"""The port to the register: attempts and factors, and who has proven what."""

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
    """The state can't be read or written; whatever should have been written was not.

    Args:
        detail: one sentence for the worker's log; never holds a secret.
    """


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt, as the worker's own row has it.

    Args:
        id: 16 random bytes.
        guid: the person's objectGUID; for a decoy, 16 bytes that stand for the typed name.
        decoy: True if no person is served in it; nothing in it ever succeeds.
        typed: hex of the bytes that stand for the typed name; empty if it began with a right password. Waits
            that are shown before proof are counted by it alone: two names of one person must not share a
            count that two made-up names don't share.
        chain: 16 bytes that all attempts of one browser have in common; empty if it began with a right
            password.
        proven: True if its proofs sufficed for the operation when it was read; INTENT checks again.
        pwd_last_set: for a sign-in, the account's pwdLastSet at that time (FILETIME); else 0.
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
        """The person whose attempt it is, or what stands for a made-up one."""
        return Owner(directory=self.directory, guid=self.guid)


@dataclass(frozen=True, kw_only=True)
class PasswordTry:
    """A try at a person's AD password, which is counted before the directory is asked.

    Args:
        owner: the person whose password is tried.
        typed: hex of the bytes that stand for the typed name.
        ticket: 16 random bytes under which it was counted.
        open_before: how many tries at the same password were open at any worker of the site by then.
        life: seconds after which it does not count as open any more; no password may be sent later.
        is_spent: True if the person has used up all tries, under whatever names. No password may be sent
            then, and the browser must not learn why.
    """

    owner: Owner
    typed: str
    ticket: bytes
    open_before: int
    life: int
    is_spent: bool = False


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The result of checking a code.

    Args:
        answer: the answer for the browser.
        looked_at: False if no code could have been right because the factor rests, whatever the answer says.
        rests_until: Unix time at which the rest ends that began with this code; 0 if none began.
    """

    answer: Answer
    looked_at: bool = True
    rests_until: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Started:
    """The result of asking for a code.

    Args:
        answer: the answer for the browser.
        withheld: True if a factor that sends codes sent none, whatever the answer says.
    """

    answer: Answer
    withheld: bool


class Hearers(StrEnum):
    """Who is notified of what was done to an account."""

    PERSON = "person"
    ADMINISTRATORS = "administrators"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Notices:
    """The notices about something that is done to an account.

    Args:
        notes: one for each address.
        told: whose addresses these are.
        refused: True if nothing may be done, since the site serves nobody who can't be notified.
    """

    notes: tuple[Note, ...]
    told: Hearers
    refused: bool = False


class Register(Protocol):
    """Keeps attempts and factors, and checks proofs; nothing else does.

    Every method may raise StateAway; it has written nothing then.
    """

    def open(
        self,
        *,
        realm: str,
        operation: Operation,
        name: Name,
        account: Account | None,
        chain: bytes | None = None,
    ) -> AttemptOpened:
        """Open an attempt for a name; without an account or without enough usable factors, it is a decoy.

        Args:
            realm: the site's, under which it counts names.
            operation: what the attempt is for.
            name: the name, in the form in which the site counts it.
            account: the account that is served under this name; None if there is none.
            chain: the browser's token; one that this site did not make counts as None.
        """
        ...

    def open_signed_in(self, account: Account) -> SignedIn | Answer:
        """Open a REGISTER attempt for a person whose password was just found right."""
        ...

    def attempt(self, identifier: bytes, *, operations: frozenset[Operation]) -> Attempt | None:
        """Return an attempt if it is open, in time and for one of these operations; restart its idle time."""
        ...

    def end(self, attempt: Attempt) -> None:
        """Void an attempt, so that nothing can be done in it any more."""
        ...

    def end_others(self, attempt: Attempt) -> None:
        """Void all other attempts and sign-ins of the person, because a write may have been done."""
        ...

    def start(self, attempt: Attempt, factor: bytes, *, locale: str) -> Started:
        """Make a code and put it in the outbox, if the factor sends codes; else do nothing."""
        ...

    def check(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Checked:
        """Check a code, which uses up a try, and mark the attempt if it is right. DONE brings Progress.

        A wrong code may begin a rest of a guessable factor; its owner is notified of that in this language.
        """
        ...

    def factors(self, attempt: Attempt) -> FactorList:
        """Return the factors of the signed-in person, masked."""
        ...

    def enrol(
        self, attempt: Attempt, method: MethodKind, destination: Secret | None, *, locale: str
    ) -> Answer:
        """Make a pending factor; a destination of None means the address in the directory.

        DONE brings FactorPending.
        """
        ...

    def confirm(self, attempt: Attempt, factor: bytes, code: Secret, *, locale: str) -> Answer:
        """Make a pending factor active, and notify its owner. DONE brings FactorList."""
        ...

    def remove(self, attempt: Attempt, factor: bytes, *, locale: str) -> Answer:
        """Remove a factor for good, and notify its owner. DONE brings FactorList."""
        ...

    def shadow(self, realm: str, name: Name) -> bytes:
        """Return the 16 bytes that stand for a name, always the same ones."""
        ...

    def reserve_password(self, owner: Owner, *, typed: str) -> PasswordTry | Answer:
        """Count a wrong password in advance, and the try as open; an answer says why there is no try."""
        ...

    def take_questions(self, many: int) -> int:
        """Count `many` questions of administrators, or none; return the seconds to wait, or 0 if counted."""
        ...

    def settle_password(self, tried: PasswordTry, *, wrong: bool, ended: bool) -> None:
        """Record the result of a try.

        Args:
            tried: what `reserve_password` returned.
            wrong: False takes the count back: the password was right, or the directory never looked at it.
            ended: False leaves the try open until its time is over, since the directory may still count it.
        """
        ...

    def notices(self, kind: str, account: Account, *, locale: str, parameters: Mapping[str, str]) -> Notices:
        """Return one note for each address that must be notified of what was done to an account."""
        ...
