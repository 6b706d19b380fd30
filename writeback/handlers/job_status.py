"""JobStatus: tell what became of a job; with `close`, a job that was never seen will never be applied."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import JobStatus
from writeback.handlers.resolving import resolve
from writeback.ports import Entry, JobState, Request, Site

# The portal takes these answers to JobStatus as "the question failed", and asks again. So a write that ended
# with one of them is reported as CLOSED, which is final.
_OF_THE_ROAD = frozenset({Outcome.CLOCK, Outcome.EXPIRED, Outcome.REFUSED, Outcome.REKEY})


def handle(request: Request[JobStatus], site: Site) -> Answer:
    """Read the journal, after resolving what a dead process has left there."""
    job = request.job
    entry = site.journal.look_up(job.jti)
    if entry and entry.state is JobState.INTENT:
        resolve(entry, site)
        entry = site.journal.look_up(job.jti)
    if (job.close or _is_lost(entry)) and site.journal.close(job.jti):
        return Answer(outcome=Outcome.CLOSED)
    if job.close:
        entry = site.journal.look_up(job.jti)
    return _read_answer(entry, final=job.close)


def _is_lost(entry: Entry | None) -> bool:
    """Tell whether the process that took a write died before it did anything."""
    return entry is not None and entry.state is JobState.RECEIVED and entry.writes and not entry.alive


def _read_answer(entry: Entry | None, *, final: bool) -> Answer:
    if entry is None:
        return Answer(outcome=Outcome.NEVER_SEEN)
    if entry.answer:
        closed = entry.writes and entry.answer.outcome in _OF_THE_ROAD
        return Answer(outcome=Outcome.CLOSED) if closed else entry.answer
    waits = entry.alive or entry.state is JobState.INTENT
    return Answer(outcome=Outcome.IN_PROGRESS if waits and not final else Outcome.UNKNOWN)
