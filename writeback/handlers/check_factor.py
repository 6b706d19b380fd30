"""CheckFactor: a right code marks the attempt's row, and the mark is the receipt."""

from writeback.envelope.answers import Answer, Outcome, Progress
from writeback.envelope.jobs import CheckFactor, Operation
from writeback.handlers.common import ANY, attempt_of, told
from writeback.ports import Request, Site


def handle(request: Request[CheckFactor], site: Site) -> Answer:
    """Let the register check the code at the cost of a try."""
    job = request.job
    attempt = attempt_of(request, site, ANY - {Operation.CHANGE})
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    answer = site.register.check(attempt, job.factor, job.code, locale=job.locale)
    proven = ",".join(answer.facts.proven) if isinstance(answer.facts, Progress) else ""
    no_code = {"outcome": "no-code-fits"} if attempt.decoy and answer.outcome is Outcome.WRONG_CODE else {}
    return told(site, "factor.checked", request, answer, decoy=attempt.decoy, proven=proven, **no_code)
