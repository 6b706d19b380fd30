"""EnrolFactor: make a pending factor; only the answer holds what the person sees once."""

from writeback.envelope.answers import Answer
from writeback.envelope.jobs import EnrolFactor
from writeback.handlers.common import record_answer
from writeback.handlers.registering import find_signed_in
from writeback.ports import Request, Site


def handle(request: Request[EnrolFactor], site: Site) -> Answer:
    """Let the register make the factor, if factors may be changed now."""
    job = request.job
    attempt = find_signed_in(request, site)
    if isinstance(attempt, Answer):
        return attempt
    answer = site.register.enrol(attempt, job.method, job.destination, locale=job.locale)
    return record_answer(site, "factor.enrolled", request, answer, method=job.method.value)
