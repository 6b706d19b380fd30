"""ListFactors: list the factors of the signed-in person, masked."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ListFactors
from writeback.handlers.common import SIGNED_IN, find_attempt
from writeback.ports import Request, Site


def handle(request: Request[ListFactors], site: Site) -> Answer:
    """Return what the register has."""
    attempt = find_attempt(request, site, SIGNED_IN)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    return Answer(outcome=Outcome.DONE, facts=site.register.factors(attempt))
