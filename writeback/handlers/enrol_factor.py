"""EnrolFactor: make a pending factor; what is shown once is in the answer and nowhere else."""

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import EnrolFactor
from writeback.handlers.common import SIGNED_IN, attempt_of, told
from writeback.ports import Request, Site


def handle(request: Request[EnrolFactor], site: Site) -> Answer:
    """Let the register make it, if changes are allowed now."""
    job = request.job
    attempt = attempt_of(request, site, SIGNED_IN)
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    answer = site.register.enrol(attempt, job.method, job.destination, locale=job.locale)
    return told(site, "factor.enrolled", request, answer, method=job.method.value)
