"""The journal of jobs: what was asked, intended and done."""

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
    """What is about to be done to a directory.

    Args:
        job: name of the job's class.
        deadline: seconds after which the write can't be under way any more; more than a directory may take.
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
        writes: True if only an INTENT lets this job change anything.
        alive: True while the process that took the job lives.
        intent: what was intended, from INTENT on.
        intended, deadline: Unix times by the state's clock; 0 before INTENT.
        answer: what was answered, once that is settled.
        now: Unix time by the state's clock when this was read; to be compared with the times above.
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
    """What the journal says of a write after somebody has told its outcome.

    Args:
        answer: what stands in the journal now; nothing else may be told.
        before: what somebody else had written there already, or None.
    """

    answer: Answer
    before: Answer | None


class Journal(Protocol):
    """What was asked, intended and done; never holds a secret. Every method may raise StateAway."""

    def knows(self, jti: bytes) -> bool:
        """Tell whether that jti has been met before; it only reads, and costs far less than `receive`."""
        ...

    def refuse(self, jti: bytes, *, expires: int) -> bool:
        """Write CLOSED for a job that is refused before it was received, so that no copy is ever done.

        Returns:
            False if that jti has been met before: then nothing was written.
        """
        ...

    def receive(self, jti: bytes, job: Job, *, expires: int) -> bool:
        """Write RECEIVED; False if that jti has been met before, and then nothing may be done."""
        ...

    def answered(self, jti: bytes, answer: Answer, *, lasting: bool = False) -> None:
        """Keep the outcome of a job that had no INTENT; does nothing to one that had.

        Where it is `lasting`, not even a power cut takes it back, nor that the job was received.
        """
        ...

    def intend(self, intent: Intent) -> Answer | None:
        """Write INTENT in one transaction with everything that it takes; an answer says why that can't be.

        It takes: RECEIVED (one row), in time; the attempt open, proven, and reserved by this job; no other
        reset or unlock of the person under way; limits.
        """
        ...

    def may_begin(self, jti: bytes, *, within: float) -> bool:
        """Tell whether an INTENT still stands and is younger than so many seconds by the state's clock."""
        ...

    def settle(
        self, jti: bytes, answer: Answer, *, notices: Sequence[Note] = (), saw: bool = False
    ) -> Settled:
        """Write the outcome of an INTENT, spend or release what it reserved, and queue the notices.

        Where somebody else has written an outcome already, "applied" replaces every other one and brings its
        notices. Where the worker that did the write finds "applied" and was refused, it becomes UNKNOWN. That
        worker `saw` the outcome; all others infer it from the directory.

        What was done, or may have been, ends every other attempt and sign-in of the person. How many of them
        were still in use is added to Applied and to the notices.
        """
        ...

    def look_up(self, jti: bytes) -> Entry | None:
        """Return a job, or None if it was never seen."""
        ...

    def close(self, jti: bytes) -> bool:
        """Write CLOSED for a job that was never seen or can't have changed anything; False for others."""
        ...

    def intents(self) -> Sequence[Entry]:
        """Return the jobs that stand at INTENT, oldest first."""
        ...
