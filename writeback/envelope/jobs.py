"""The jobs that the portal may ask of a worker: a closed list of frozen dataclasses.

No job holds a password. Passwords travel beside the job in a box of their own (sealing.py), which the worker
opens only after everything else was checked. `passwords` is the number of passwords that a job brings.
"""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret

CHAIN_LIFE = 180 * 24 * 3600
"""Seconds for which a browser's chain lasts: its cookie, and its row at the worker since the last proof."""

FALLBACK_LOCALE = "en"
"""BCP 47 tag of the language that has every text; administrators are written to in it."""


class Operation(StrEnum):
    """The purpose of an attempt; its proofs are valid for nothing else."""

    RESET = "reset"
    UNLOCK = "unlock"
    CHANGE = "change"
    REGISTER = "register"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One request to a worker.

    Args:
        site: name of the site whose workers are asked; they find the directory themselves.
        locale: BCP 47 tag of the language for texts that the worker sends.
    """

    passwords: ClassVar[int] = 0
    site: str
    locale: str = FALLBACK_LOCALE


@dataclass(frozen=True, kw_only=True)
class AttemptJob(Job):
    """A job in an attempt; the worker's own row says for which person and operation the attempt is.

    Args:
        attempt: the 16 random bytes from the worker's answer to Begin or SignIn.
    """

    attempt: bytes


@dataclass(frozen=True, kw_only=True)
class WriteJob(AttemptJob):
    """A job that writes to a directory; no other job changes anything there."""


@dataclass(frozen=True, kw_only=True)
class Begin(Job):
    r"""Open an attempt for a typed name; the answer is never "no such person".

    Args:
        operation: RESET, UNLOCK or CHANGE (SignIn opens REGISTER).
        name: the typed name: account name, UPN, mail address or DOMAIN\name.
        only_groups: DNs of the portal's selected groups. A person in none of them, nested ones counted, gets
            a decoy; if it is empty, everybody is let in. They narrow the worker's own scope, never widen it.
        chain: the token from the answer to the browser's last Begin; None if it has none. A token that the
            worker did not make counts as None.
    """

    operation: Operation
    name: str
    only_groups: tuple[str, ...] = ()
    chain: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class SignIn(Job):
    """Open a REGISTER attempt with a name and the AD password (one password: the current one).

    Args:
        name: the typed name, as for Begin.
    """

    passwords: ClassVar[int] = 1
    name: str


@dataclass(frozen=True, kw_only=True)
class ListFactors(AttemptJob):
    """List the factors of the signed-in person, masked."""


@dataclass(frozen=True, kw_only=True)
class EnrolFactor(AttemptJob):
    """Make a pending factor; the answer holds the secrets that the person sees once.

    Args:
        method: the method of the factor.
        destination: where codes go, for methods that send (a mail address); None for other methods, or for
            the address in the directory.
    """

    method: MethodKind
    destination: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmFactor(AttemptJob):
    """Make a pending factor active with a code from it; the code is empty for backup codes."""

    factor: bytes
    code: Secret


@dataclass(frozen=True, kw_only=True)
class RemoveFactor(AttemptJob):
    """Remove a factor for good."""

    factor: bytes


@dataclass(frozen=True, kw_only=True)
class StartFactor(AttemptJob):
    """Send a code for a factor that sends codes, or do nothing; both get the same answer."""

    factor: bytes


@dataclass(frozen=True, kw_only=True)
class CheckFactor(AttemptJob):
    """Check a code; a right one leaves a mark in the attempt's row, which is the proof."""

    factor: bytes
    code: Secret


@dataclass(frozen=True, kw_only=True)
class ReadPolicy(Job):
    """Return the password rules.

    Args:
        attempt: an attempt with enough proofs, or a sign-in, for the rules of its person; None for
            everybody's rules, which are told if all directories of the site have the same.
    """

    attempt: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class ResetPassword(WriteJob):
    """Set a new password, which also unlocks a locked account (one password: the new one)."""

    passwords: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ChangePassword(WriteJob):
    """Change the password with the old one as proof (two passwords: new, old)."""

    passwords: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class UnlockAccount(WriteJob):
    """Unlock the account without changing its password."""


@dataclass(frozen=True, kw_only=True)
class JobStatus(Job):
    """Tell what became of a job.

    Args:
        jti: the job's 16-byte id.
        close: if the job was never seen, write CLOSED so that it can never be applied.
    """

    jti: bytes
    close: bool = False


@dataclass(frozen=True, kw_only=True)
class Health(Job):
    """Return the worker's condition in detail, and the values of its ceiling."""


@dataclass(frozen=True, kw_only=True)
class AnchorAudit(Job):
    """Keep where the portal's audit ends, and return the newest end that was kept.

    Args:
        number: number of the audit's last event; 0 to ask only.
        hash: hash of that event, 32 bytes; empty to ask only.
        since: number of the newest event that the site has kept, from its last answer; 0 for none.
        since_hash: hash of the portal's event that has the number `since` now, 32 bytes; empty if there is
            none.
    """

    number: int = 0
    hash: bytes = b""
    since: int = 0
    since_hash: bytes = b""


@dataclass(frozen=True, kw_only=True)
class CheckGroups(Job):
    """Return what kind of group each of a policy's DNs names, and how many people are in it."""

    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExplainPerson(Job):
    """Return what a policy means for a person; the answer reveals nothing about what they have registered.

    Args:
        name: the name, as a person would type it for Begin.
        only_groups: DNs of the policy's selected groups; empty if it has none.
    """

    name: str
    only_groups: tuple[str, ...] = ()


JOBS: dict[int, type[Job]] = {
    1: Begin,
    2: SignIn,
    3: ListFactors,
    4: EnrolFactor,
    5: ConfirmFactor,
    6: RemoveFactor,
    7: StartFactor,
    8: CheckFactor,
    9: ReadPolicy,
    10: ResetPassword,
    11: ChangePassword,
    12: UnlockAccount,
    13: JobStatus,
    14: Health,
    15: AnchorAudit,
    16: CheckGroups,
    17: ExplainPerson,
}
"""The number of each job on the wire; a number is never used again for another job."""


def reference_of(identifier: bytes) -> str:
    """Return the short reference of an attempt, or of a job without one; people read it to the helpdesk.

    Args:
        identifier: 16 bytes: the attempt's id, or the jti of a job without an attempt.
    """
    text = base64.b32encode(identifier[:5]).decode("ascii")
    return f"{text[:4]}-{text[4:]}"
