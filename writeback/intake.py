"""Step 5 of 8: signature → seen? → fresh? → open → allowed? → handler → seal. Never raises.

A job without a valid signature gets no answer. Every other job gets a true one: a fault before INTENT has
changed nothing, a fault after it may have changed something. An outcome that means "nothing was changed" is
given only if no copy of the job can be done any more; otherwise the outcome is NOT_TAKEN.
"""

import logging
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from writeback.admission import Admission
from writeback.ceiling import MINUTE, Rate
from writeback.envelope import wire
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import (
    AttemptJob,
    Job,
    JobStatus,
    WriteJob,
    reference_of,
)
from writeback.envelope.keyring import Keyring
from writeback.envelope.sealing import AuthenticJob, OpenedJob, authenticate, open_package, seal_answer
from writeback.ports import DirectoryAway, Handler, JobState, Request, Site, StateAway, Unreadable

logger = logging.getLogger(__name__)

# Whoever controls Redis can put old jobs into it again and again; they must not fill the disk.
_FLOODS = (Rate(count=60, seconds=MINUTE),)
_CLOSINGS = (Rate(count=600, seconds=MINUTE),)
_TOLD = {
    Fault.CLOCK: Outcome.CLOCK,
    Fault.EXPIRED: Outcome.EXPIRED,
    Fault.REKEY: Outcome.REKEY,
    Fault.PASSWORD: Outcome.UNUSABLE_PASSWORD,
}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A sealed answer, and the id of the job that it answers."""

    jti: bytes
    blob: bytes


@dataclass(kw_only=True)
class _Case:
    """One job on its way through the intake: what is known about it by now, and the last error."""

    blob: bytes = field(repr=False)
    keys: Keyring | None = None
    authentic: AuthenticJob | None = None
    job: Job | None = None
    received: bool = False
    error: Exception | None = None

    @property
    def header(self) -> wire.Header:
        """The header of a job with a valid signature."""
        return self._known.header

    @property
    def jti(self) -> bytes:
        return self._known.header.jti

    @property
    def reply(self) -> tuple[AuthenticJob, Keyring]:
        """The authentic job to answer, and the keys to answer with."""
        assert self.keys is not None  # noqa: S101  # they are set before a signature is checked
        return self._known, self.keys

    @property
    def _known(self) -> AuthenticJob:
        assert self.authentic is not None  # noqa: S101  # nothing is answered before it is set
        return self.authentic


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Takes sealed jobs and returns sealed answers.

    Args:
        keys: returns the current keyring.
        handlers: the handlers by job class.
        admission: limits how many jobs are taken.
        questions: limits how many JobStatus are taken. They are counted separately: if a directory is slow,
            many come at once, and they must not use up what other jobs need.
        closings: limits how many jobs are closed in the journal because they were refused before they were
            received.
        floods: limits how many refusals are written into the audit, of those that may come in floods.
    """

    site: Site
    keys: Callable[[], Keyring]
    handlers: Mapping[type[Job], Handler]
    admission: Admission
    questions: Admission = field(default_factory=lambda: Admission((), time.monotonic))
    closings: Admission = field(default_factory=lambda: Admission(_CLOSINGS, time.monotonic))
    floods: Admission = field(default_factory=lambda: Admission(_FLOODS, time.monotonic))

    def take(self, blob: bytes) -> Posted | None:
        """Do one job and return its answer, or None if it must not be answered. Never raises.

        Args:
            blob: the bytes from the wire.
        """
        case = _Case(blob=blob)
        for step in (self._do, self._tell_after_a_fault, self._tell_the_least):
            try:
                return step(case)
            except Exception as error:  # noqa: BLE001  # a fault of our own must get a true answer, not end the worker
                case.error = error
        return None

    def _do(self, case: _Case) -> Posted | None:
        case.keys = self.keys()
        try:
            case.authentic = authenticate(case.blob, case.keys.portal)
        except EnvelopeError as error:
            logger.warning("job not authentic: %s", error)
            return None
        with self.admission.count_unanswered(case.header.issued):
            answer = self._answer(case)
        return None if answer is None else self._seal(answer, case)

    def _answer(self, case: _Case) -> Answer | None:
        try:
            # This comes first: copies of old jobs must not use up what other jobs wait for.
            if self.site.journal.knows(case.jti):
                self._note_copy(case)
                return None
            wire.check_time(case.header, now=self.site.clock.now())
            opened = open_package(*case.reply)
        except StateAway as error:
            return self._answer_not_taken(str(error), case)
        except EnvelopeError as error:
            return self._turn_away(_TOLD.get(error.fault, Outcome.REFUSED), str(error), case)
        case.job = opened.job
        return self._admit(opened, case)

    def _admit(self, opened: OpenedJob, case: _Case) -> Answer | None:
        wait = (self.questions if isinstance(opened.job, JobStatus) else self.admission).wait()
        if wait:
            return self._turn_away(Outcome.LIMIT_REACHED, "jobs", case, Wait(seconds=wait))
        try:
            case.received = self.site.journal.receive(case.jti, opened.job, expires=case.header.expires)
        except StateAway as error:
            return self._answer_not_taken(str(error), case)
        if not case.received:
            self._note_copy(case)
            return None
        return self._keep(self._handle(opened, case), case)

    def _note_copy(self, case: _Case) -> None:
        self._refuse(Outcome.REFUSED, "seen before", case, flood=True)

    def _turn_away(self, outcome: Outcome, why: str, case: _Case, facts: Wait | None = None) -> Answer | None:
        """Refuse a job that is not in the journal yet, and close it there, which makes the refusal final."""
        if isinstance(case.job, JobStatus):
            return replace(self._refuse(outcome, why, case, flood=True), facts=facts)
        try:
            # A closed job takes space on the disk, and whoever has the portal's key can send without end.
            if self.closings.wait():
                return self._answer_not_taken(why, case)
            if not self.site.journal.refuse(case.jti, expires=case.header.expires):
                self._note_copy(case)
                return None
        except StateAway as error:
            return self._answer_not_taken(f"{why}; {error}", case)
        return replace(self._refuse(outcome, why, case, flood=True), facts=facts)

    def _answer_not_taken(self, why: str, case: _Case) -> Answer:
        """Answer that a job was not done, if that can't be made final: a copy of it may still be done."""
        return self._refuse(Outcome.NOT_TAKEN, why, case, flood=True)

    def _keep(self, answer: Answer, case: _Case) -> Answer:
        """Keep an answer in the journal and return it, or NOT_TAKEN if it is of a write and can't be kept."""
        is_write = isinstance(case.job, WriteJob)
        try:
            self.site.journal.keep_answer(case.jti, answer, lasting=is_write)
        except StateAway as error:
            logger.warning("outcome of %s not kept: %s", reference_of(case.jti), error)
            return Answer(outcome=Outcome.NOT_TAKEN) if is_write else answer
        return answer

    def _handle(self, opened: OpenedJob, case: _Case) -> Answer:
        job = opened.job
        if type(job).__name__ not in self.site.allowed:
            return self._refuse(Outcome.NOT_ALLOWED, "not in [operations]", case)
        if job.site != self.site.name:
            return self._refuse(Outcome.REFUSED, "for another site", case)
        request = Request(
            job=job,
            jti=case.jti,
            expires=case.header.expires,
            passwords=opened.passwords,
            unwrap=opened.unwrap,
        )
        return self._run(request, case)

    def _run(self, request: Request[Job], case: _Case) -> Answer:
        try:
            return self.handlers[type(request.job)](request, self.site)
        except EnvelopeError as error:
            return self._answer_truthfully(_TOLD.get(error.fault, Outcome.REFUSED), str(error), case)
        except Unreadable as error:
            return self._answer_truthfully(Outcome.DIRECTORY_REFUSED, str(error), case)
        except DirectoryAway as error:
            return self._answer_truthfully(Outcome.DIRECTORY_AWAY, str(error), case)
        except StateAway as error:
            return self._answer_truthfully(Outcome.STATE_AWAY, str(error), case)

    def _answer_truthfully(self, outcome: Outcome, why: str, case: _Case) -> Answer:
        """Answer with an outcome that means "nothing was changed", or UNKNOWN if the journal contradicts."""
        try:
            entry = self.site.journal.look_up(case.jti)
        except StateAway:
            changed = isinstance(case.job, WriteJob)
        else:
            changed = entry is not None and entry.state not in (JobState.RECEIVED, JobState.CLOSED)
        return self._refuse(Outcome.UNKNOWN if changed else outcome, why, case)

    def _tell_after_a_fault(self, case: _Case) -> Posted | None:
        """Answer a job that a fault of our own has interrupted with what the journal says about it."""
        why = _place(case.error)
        if case.authentic is None:
            logger.error("a job was not read: %s", why)
            return None
        logger.error("a fault in job %s: %s", reference_of(case.jti), why)
        answer = self._answer_after_fault(why, case)
        return None if answer is None else self._seal(answer, case)

    def _answer_after_fault(self, why: str, case: _Case) -> Answer | None:
        entry = self.site.journal.look_up(case.jti)
        if entry is None:
            return self._turn_away(Outcome.REFUSED, why, case)
        if isinstance(case.job, JobStatus):
            return self._refuse(Outcome.REFUSED, why, case)
        if entry.state is JobState.RECEIVED:
            return self._keep(self._refuse(Outcome.REFUSED, why, case), case)
        self._refuse(entry.answer.outcome if entry.answer else Outcome.UNKNOWN, why, case)
        return entry.answer or Answer(outcome=Outcome.UNKNOWN)

    def _tell_the_least(self, case: _Case) -> Posted | None:
        """Answer without journal and audit, since the fault may be in one of them."""
        logger.error("a second fault, while answering after the first: %s", _place(case.error))
        if case.authentic is None:
            return None
        if isinstance(case.job, JobStatus):
            outcome = Outcome.IN_PROGRESS
        elif not case.received:
            outcome = Outcome.NOT_TAKEN
        else:
            outcome = Outcome.UNKNOWN if isinstance(case.job, WriteJob) else Outcome.REFUSED
        return self._seal(Answer(outcome=outcome), case)

    def _refuse(self, outcome: Outcome, why: str, case: _Case, *, flood: bool = False) -> Answer:
        """Write a refusal into the audit, and return its answer."""
        job = case.job
        if not (flood and self.floods.wait()):
            attempt = job.attempt if isinstance(job, AttemptJob) else None
            reference = reference_of(attempt or case.jti)
            name = type(job).__name__ if job else ""
            self.site.audit.record(
                "job.refused", reference=reference, outcome=outcome.value, why=why, job=name
            )
        # A refusal of the question must not look like the outcome of the job that it asks about.
        return Answer(outcome=Outcome.IN_PROGRESS if isinstance(job, JobStatus) else outcome)

    def _seal(self, answer: Answer, case: _Case) -> Posted | None:
        now, (authentic, keys) = self.site.clock.now(), case.reply
        for said in (answer, Answer(outcome=answer.outcome)):
            try:
                blob = seal_answer(
                    said,
                    to=authentic,
                    identity=keys.identity,
                    worker=self.site.worker,
                    state=self.site.state_id,
                    now=now,
                )
            except EnvelopeError as error:
                logger.warning("answer to %s not sealed: %s", reference_of(case.jti), error)
            else:
                return Posted(jti=case.jti, blob=blob)
        return None


def _place(error: BaseException | None) -> str:
    """Return an exception's type and place, without its text, which could hold a secret."""
    frames = traceback.extract_tb(error.__traceback__) if error else ()
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
