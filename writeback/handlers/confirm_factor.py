"""ConfirmFactor: a code from the new factor makes it active."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ConfirmFactor
from writeback.handlers.common import SIGNED_IN, attempt_of, told
from writeback.ports import Request, Site


def handle(request: Request[ConfirmFactor], site: Site) -> Answer:
    """Let the register check the code."""
    job = request.job
    attempt = attempt_of(request, site, SIGNED_IN)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    answer = site.register.confirm(attempt, job.factor, job.code, locale=job.locale)
    return told(site, "factor.confirmed", request, answer, factor=job.factor.hex())
