"""StartFactor: send a code, or do nothing for a factor that sends none; both get the same answer."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, StartFactor
from writeback.handlers.common import ANY, find_attempt, record_answer
from writeback.ports import Request, Site


def handle(request: Request[StartFactor], site: Site) -> Answer:
    """Let the register make and queue the code; a courier sends it after the answer."""
    job = request.job
    attempt = find_attempt(request, site, ANY - {Operation.CHANGE})
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    started = site.register.start(attempt, job.factor, locale=job.locale)
    answer = started.answer
    nothing = {"outcome": "nothing-sent"} if answer.outcome is Outcome.DONE and started.withheld else {}
    return record_answer(site, "factor.started", request, answer, decoy=attempt.decoy, **nothing)
