"""Step 5 of 8: open → fresh? → seen? → allowed? → handler → seal. Never raises.

Before the signature holds, nothing is answered. After it everything is, and truthfully: what went wrong
before an INTENT changed nothing, what went wrong after it may have.
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
    ChangePassword,
    Job,
    JobStatus,
    ResetPassword,
    UnlockAccount,
    reference_of,
)
from writeback.envelope.keyring import Keyring
from writeback.envelope.sealing import AuthenticJob, OpenedJob, authenticate, open_package, seal_answer
from writeback.ports import DirectoryAway, Handler, JobState, Request, Site, StateAway, Unreadable

logger = logging.getLogger(__name__)

# Old jobs can be put into Redis again and again by who holds it; they must not fill the disk.
_FLOODS = (Rate(count=60, seconds=MINUTE),)
_WRITES = (ResetPassword, ChangePassword, UnlockAccount)
_TOLD = {
    Fault.CLOCK: Outcome.CLOCK,
    Fault.EXPIRED: Outcome.EXPIRED,
    Fault.REKEY: Outcome.REKEY,
    Fault.PASSWORD: Outcome.UNUSABLE_PASSWORD,
}


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A sealed answer, and the id of the job whose reply list it belongs into."""

    jti: bytes
    blob: bytes


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Takes sealed jobs and returns sealed answers.

    Args:
        keys: returns the keyring of this moment.
        handlers: by job class.
        admission: how many jobs are taken, and how old the oldest of them is.
        questions: how many JobStatus are taken; counted apart, because many ask at once where a directory is
            slow, and must not close the door to everybody else.
        floods: how many refusals of what may come in floods are written into the audit.
    """

    site: Site
    keys: Callable[[], Keyring]
    handlers: Mapping[type[Job], Handler]
    admission: Admission
    questions: Admission = field(default_factory=lambda: Admission((), time.monotonic))
    floods: Admission = field(default_factory=lambda: Admission(_FLOODS, time.monotonic))

    def take(self, blob: bytes) -> Posted | None:
        """Do one job and return its answer; None where nothing may be said.

        Args:
            blob: what came off the wire.
        """
        keys = self.keys()
        try:
            authentic = authenticate(blob, keys.portal)
        except EnvelopeError as error:
            logger.warning("job not authentic: %s", error)
            return None
        with self.admission.at_work(authentic.header.issued):
            answer = self._answer(authentic, keys)
        return None if answer is None else self._seal(answer, authentic, keys)

    def _answer(self, authentic: AuthenticJob, keys: Keyring) -> Answer | None:
        header = authentic.header
        try:
            wire.check_time(header, now=self.site.clock.now())
            opened = open_package(authentic, keys)
        except EnvelopeError as error:
            return self._refuse(_TOLD.get(error.fault, Outcome.REFUSED), str(error), header.jti, flood=True)
        job = opened.job
        wait = (self.questions if isinstance(job, JobStatus) else self.admission).wait()
        if wait:
            refused = self._refuse(Outcome.LIMIT_REACHED, "jobs", header.jti, job, flood=True)
            return replace(refused, facts=Wait(seconds=wait))
        try:
            fresh = self.site.journal.receive(header.jti, job, expires=header.expires)
        except StateAway as error:
            return self._refuse(Outcome.STATE_AWAY, str(error), header.jti, job)
        if not fresh:
            self._refuse(Outcome.REFUSED, "seen before", header.jti, job, flood=True)
            return None
        answer = self._handle(opened, header)
        try:
            self.site.journal.answered(header.jti, answer)
        except StateAway as error:
            logger.warning("outcome of %s not kept: %s", reference_of(header.jti), error)
        return answer

    def _handle(self, opened: OpenedJob, header: wire.Header) -> Answer:
        job = opened.job
        if type(job).__name__ not in self.site.allowed:
            return self._refuse(Outcome.NOT_ALLOWED, "not in [operations]", header.jti, job)
        if job.directory not in self.site.directories:
            return self._refuse(Outcome.REFUSED, "unknown directory", header.jti, job)
        request = Request(
            job=job,
            jti=header.jti,
            expires=header.expires,
            passwords=opened.passwords,
            unwrap=opened.unwrap,
        )
        return self._run(request)

    def _run(self, request: Request[Job]) -> Answer:
        job, jti = request.job, request.jti
        try:
            return self.handlers[type(job)](request, self.site)
        except EnvelopeError as error:
            return self._truth(_TOLD.get(error.fault, Outcome.REFUSED), str(error), jti, job)
        except Unreadable as error:
            return self._truth(Outcome.DIRECTORY_REFUSED, str(error), jti, job)
        except DirectoryAway as error:
            return self._truth(Outcome.DIRECTORY_AWAY, str(error), jti, job)
        except StateAway as error:
            return self._truth(Outcome.STATE_AWAY, str(error), jti, job)
        except Exception as error:  # noqa: BLE001  # a fault of ours must be told truthfully, not end the worker
            return self._truth(Outcome.REFUSED, _place(error), jti, job)

    def _truth(self, outcome: Outcome, why: str, jti: bytes, job: Job) -> Answer:
        """Answer with an outcome that means "nothing was changed" only where the journal bears it out."""
        try:
            entry = self.site.journal.look_up(jti)
        except StateAway:
            changed = isinstance(job, _WRITES)
        else:
            changed = entry is not None and entry.state not in (JobState.RECEIVED, JobState.CLOSED)
        return self._refuse(Outcome.UNKNOWN if changed else outcome, why, jti, job)

    def _refuse(
        self, outcome: Outcome, why: str, jti: bytes, job: Job | None = None, *, flood: bool = False
    ) -> Answer:
        attempt = job.attempt if isinstance(job, AttemptJob) else None
        name = type(job).__name__ if job else ""
        if not (flood and self.floods.wait()):
            reference = reference_of(attempt or jti)
            self.site.audit.record(
                "job.refused", reference=reference, outcome=outcome.value, why=why, job=name
            )
        # What befell the question must not be taken for what befell the job that was asked about.
        return Answer(outcome=Outcome.IN_PROGRESS if isinstance(job, JobStatus) else outcome)

    def _seal(self, answer: Answer, authentic: AuthenticJob, keys: Keyring) -> Posted | None:
        now, jti = self.site.clock.now(), authentic.header.jti
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
                logger.warning("answer to %s not sealed: %s", reference_of(jti), error)
            else:
                return Posted(jti=jti, blob=blob)
        return None


def _place(error: BaseException) -> str:
    """Say what went wrong and where, without the text of the exception: it could hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
