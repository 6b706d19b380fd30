"""The port to the journal of jobs: what was asked, intended and done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from writeback.envelope.answers import Answer
from writeback.envelope.deadlines import JUDGED_AFTER
from writeback.envelope.jobs import Job
from writeback.ports.couriers import Note
from writeback.ports.directory import Preimage
from writeback.ports.register import Attempt


class JobState(StrEnum):
    """Where a job stands in the journal."""

    RECEIVED = "received"
    INTENT = "intent"
    APPLIED = "applied"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A write that is about to begin.

    Args:
        job: name of the job's class.
        deadline: seconds after which the write can't be under way any more; longer than any call may take.
    """

    jti: bytes
    job: str
    locale: str
    attempt: Attempt
    preimage: Preimage
    deadline: int = JUDGED_AFTER


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A job as the journal has it.

    Args:
        job: name of the job's class.
        writes: True if this job can change something, which it may do only after INTENT.
        alive: True while the process that took the job lives.
        intent: the intended write; None before INTENT.
        intended, deadline: Unix times by the state's clock; 0 before INTENT.
        answer: the answer; None until it is settled.
        now: Unix time by the state's clock when this was read, to compare with the times above.
    """

    jti: bytes
    job: str
    writes: bool
    state: JobState
    expires: int
    alive: bool
    intent: Intent | None
    intended: float
    deadline: float
    answer: Answer | None
    now: float


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What the journal has about a write after `settle`.

    Args:
        answer: the answer in the journal now; no other answer may be given.
        before: the answer that another process had written there before; None if there was none.
    """

    answer: Answer
    before: Answer | None


class Journal(Protocol):
    """Records what was asked, intended and done; never holds a secret. Every method may raise StateAway."""

    def knows(self, jti: bytes) -> bool:
        """Tell whether the journal has this jti; this only reads, and costs far less than `receive`."""
        ...

    def refuse(self, jti: bytes, *, expires: int) -> bool:
        """Write CLOSED for a job that is refused before it was received, so that no copy of it is ever done.

        Returns:
            False if the journal had this jti already; then nothing was written.
        """
        ...

    def receive(self, jti: bytes, job: Job, *, expires: int) -> bool:
        """Write RECEIVED; return False if the journal had this jti already: then the job must not be done."""
        ...

    def keep_answer(self, jti: bytes, answer: Answer, *, lasting: bool = False) -> None:
        """Keep the outcome of a job without INTENT; do nothing for a job that reached INTENT.

        Args:
            jti: id of the job.
            answer: the answer whose outcome is kept.
            lasting: True if the outcome, and that the job was received, must survive a power cut.
        """
        ...

    def intend(self, intent: Intent) -> Answer | None:
        """Check all conditions and write INTENT in one transaction; return the refusal, or None if written.

        The conditions: the job stands at RECEIVED and is in time; the attempt is open and proven, and this
        job reserves it; no other reset or unlock of the person is under way; the limits allow it.
        """
        ...

    def may_begin(self, jti: bytes, *, within: float) -> bool:
        """Tell whether an INTENT still stands and is at most `within` seconds old by the state's clock."""
        ...

    def settle(
        self, jti: bytes, answer: Answer, *, notices: Sequence[Note] = (), saw: bool = False
    ) -> Settled:
        """Write the outcome of an INTENT, spend or release what it reserved, and queue the notices.

        Another process may have written an outcome already. APPLIED replaces any other outcome, and its
        notices are queued then. If the journal says APPLIED and the worker that did the write was refused,
        the outcome becomes UNKNOWN.

        If the write was done, or may have been, all other attempts and sign-ins of the person end. How many
        of them were in use is added to Applied and to the notices.

        Args:
            jti: id of the job.
            answer: the answer with the outcome.
            notices: the notices to queue.
            saw: True if the caller did the write itself; False if it infers the outcome from the directory.
        """
        ...

    def look_up(self, jti: bytes) -> Entry | None:
        """Return a job, or None if the journal does not have it."""
        ...

    def close(self, jti: bytes) -> bool:
        """Write CLOSED for an unknown job or one that can't have changed anything; return False otherwise."""
        ...

    def intents(self) -> Sequence[Entry]:
        """Return the jobs that stand at INTENT, oldest first."""
        ...
