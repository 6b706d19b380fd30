"""RemoveFactor: remove a factor for good."""

from writeback.envelope.answers import Answer
from writeback.envelope.jobs import RemoveFactor
from writeback.handlers.common import record_answer
from writeback.handlers.registering import find_signed_in
from writeback.ports import Request, Site


def handle(request: Request[RemoveFactor], site: Site) -> Answer:
    """Let the register remove the factor, if factors may be changed now."""
    job = request.job
    attempt = find_signed_in(request, site)
    if isinstance(attempt, Answer):
        return attempt
    answer = site.register.remove(attempt, job.factor, locale=job.locale)
    return record_answer(site, "factor.removed", request, answer, factor=job.factor.hex())
