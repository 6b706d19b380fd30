"""What the portal may ask of a worker: a closed list of frozen dataclasses.

No job holds a password. Passwords travel beside the job in a box of their own (sealing.py), which the
worker opens only after everything else has been checked; `passwords` says how many a job brings.
"""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret

CHAIN_LIFE = 180 * 24 * 3600
"""Seconds for which a browser's chain lasts: its cookie, and at the worker since the last proof in it."""


class Operation(StrEnum):
    """What an attempt is for; its proofs are good for nothing else."""

    RESET = "reset"
    UNLOCK = "unlock"
    CHANGE = "change"
    REGISTER = "register"


@dataclass(frozen=True, kw_only=True)
class Job:
    """One thing asked of a worker.

    Args:
        directory: id of the directory (one AD forest or domain) that it concerns.
        locale: BCP 47 tag of the language of texts that the worker sends.
    """

    passwords: ClassVar[int] = 0
    directory: str
    locale: str = "en"


@dataclass(frozen=True, kw_only=True)
class AttemptJob(Job):
    """A job within an attempt: who and what stands in the worker's own row.

    Args:
        attempt: the 16 random bytes that the worker gave out in its answer to Begin or SignIn.
    """

    attempt: bytes


@dataclass(frozen=True, kw_only=True)
class WriteJob(AttemptJob):
    """A job that writes to a directory; no other one changes anything there."""


@dataclass(frozen=True, kw_only=True)
class Begin(Job):
    r"""Open an attempt for somebody who says a name; never answered with "no such person".

    Args:
        operation: RESET, UNLOCK or CHANGE (REGISTER is opened by SignIn).
        name: what was typed: account name, UPN, mail address or DOMAIN\name.
        only_groups: DNs of groups; who is in none of them, nested ones counted, gets a decoy. Empty: no
            such rule. (The portal's "selected groups": they narrow the worker's own scope, never widen it.)
        chain: the token that came with the answer to the browser's last Begin; None if it has none. One that
            the worker did not make counts as none.
    """

    operation: Operation
    name: str
    only_groups: tuple[str, ...] = ()
    chain: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class SignIn(Job):
    """Open a REGISTER attempt with a name and the AD password (one password: the current one)."""

    passwords: ClassVar[int] = 1
    name: str


@dataclass(frozen=True, kw_only=True)
class ListFactors(AttemptJob):
    """Tell the signed-in person's factors, masked."""


@dataclass(frozen=True, kw_only=True)
class EnrolFactor(AttemptJob):
    """Make a pending factor; the answer carries what is shown once.

    Args:
        method: the kind of factor.
        destination: where codes go, for methods that send (a mail address); None for the others.
    """

    method: MethodKind
    destination: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class ConfirmFactor(AttemptJob):
    """Make a pending factor active by a code from it (empty for backup codes: "I have saved them")."""

    factor: bytes
    code: Secret


@dataclass(frozen=True, kw_only=True)
class RemoveFactor(AttemptJob):
    """Remove a factor for good."""

    factor: bytes


@dataclass(frozen=True, kw_only=True)
class StartFactor(AttemptJob):
    """Send a code for a factor that sends, or do nothing for one that does not; answered alike."""

    factor: bytes


@dataclass(frozen=True, kw_only=True)
class CheckFactor(AttemptJob):
    """Check a code; a right one marks the attempt's row, and the mark is the receipt."""

    factor: bytes
    code: Secret


@dataclass(frozen=True, kw_only=True)
class ReadPolicy(Job):
    """Tell the password rules.

    Args:
        attempt: an attempt with enough proofs or a sign-in, for the rules of this person;
            None for the directory's default rules.
    """

    attempt: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class ResetPassword(WriteJob):
    """Set a new password (one password: the new one); a locked account is unlocked with it."""

    passwords: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class ChangePassword(WriteJob):
    """Change the password with the old one as proof (two passwords: new, old)."""

    passwords: ClassVar[int] = 2


@dataclass(frozen=True, kw_only=True)
class UnlockAccount(WriteJob):
    """Unlock the account and leave its password."""


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
    """Tell the worker's state in detail, and the values of its ceiling."""


@dataclass(frozen=True, kw_only=True)
class AnchorAudit(Job):
    """Keep how long the portal's audit is, and tell the newest that was kept.

    Args:
        number: of the audit's last event; 0 only asks.
        hash: of that event, 32 bytes; empty where it only asks.
        since: number of the newest event that the site has kept, as it told; 0 for none.
        since_hash: of the event that has this number now, 32 bytes; empty where there is none.
    """

    number: int = 0
    hash: bytes = b""
    since: int = 0
    since_hash: bytes = b""


@dataclass(frozen=True, kw_only=True)
class CheckGroups(Job):
    """Tell what a policy's groups (DNs) are, and how many people are in each."""

    groups: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExplainPerson(Job):
    """Tell what a person would get under a policy; nothing of what they have registered.

    Args:
        name: as somebody would type it at Begin.
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
"""The number of each job on the wire. Numbers are never used again for another job."""


def reference_of(identifier: bytes) -> str:
    """Return the short reference of an attempt, or of a job without one, as read out to the helpdesk.

    Args:
        identifier: 16 bytes: the attempt's id, or the jti of a job that has no attempt.
    """
    text = base64.b32encode(identifier[:5]).decode("ascii")
    return f"{text[:4]}-{text[4:]}"
