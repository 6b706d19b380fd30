"""ConfirmFactor: make a new factor active with a code from it."""

from writeback.envelope.answers import Answer
from writeback.envelope.jobs import ConfirmFactor
from writeback.handlers.common import record_answer
from writeback.handlers.registering import find_signed_in
from writeback.ports import Request, Site


def handle(request: Request[ConfirmFactor], site: Site) -> Answer:
    """Let the register check the code."""
    job = request.job
    attempt = find_signed_in(request, site)
    if isinstance(attempt, Answer):
        return attempt
    answer = site.register.confirm(attempt, job.factor, job.code, locale=job.locale)
    return record_answer(site, "factor.confirmed", request, answer, factor=job.factor.hex())
