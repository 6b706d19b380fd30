"""RemoveFactor: remove a factor for good."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import RemoveFactor
from writeback.handlers.common import SIGNED_IN, attempt_of, told
from writeback.ports import Request, Site


def handle(request: Request[RemoveFactor], site: Site) -> Answer:
    """Let the register bury it, if changes are allowed now."""
    job = request.job
    attempt = attempt_of(request, site, SIGNED_IN)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    answer = site.register.remove(attempt, job.factor, locale=job.locale)
    return told(site, "factor.removed", request, answer, factor=job.factor.hex())
