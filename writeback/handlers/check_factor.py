"""CheckFactor: check a code; a right one leaves a mark in the attempt's row, which is the proof."""

from collections.abc import Mapping

from writeback.envelope.answers import Answer, Outcome, Progress
from writeback.envelope.jobs import CheckFactor, Operation
from writeback.handlers.common import ANY, find_attempt, record, record_answer
from writeback.ports import Attempt, Checked, Request, Site

_NOT_RIGHT = frozenset({Outcome.WRONG_CODE, Outcome.CODE_EXPIRED})


def handle(request: Request[CheckFactor], site: Site) -> Answer:
    """Let the register check the code, which uses up a try."""
    job = request.job
    attempt = find_attempt(request, site, ANY - {Operation.CHANGE})
    if attempt is None:
        return Answer(outcome=Outcome.ATTEMPT_GONE)
    checked = site.register.check(attempt, job.factor, job.code, locale=job.locale)
    answer = checked.answer
    proven = ",".join(answer.facts.proven) if isinstance(answer.facts, Progress) else ""
    record_answer(
        site,
        "factor.checked",
        request,
        answer,
        decoy=attempt.decoy,
        proven=proven,
        **_audit_facts(attempt, checked),
    )
    if checked.rests_until:
        record(site, "factor.rests", attempt.id, account=attempt.guid.hex(), until=int(checked.rests_until))
    return answer


def _audit_facts(attempt: Attempt, checked: Checked) -> Mapping[str, str]:
    """Return another outcome for the audit if the answer's own would mislead the helpdesk."""
    if checked.answer.outcome not in _NOT_RIGHT:
        return {}
    if attempt.decoy:
        return {"outcome": "no-code-fits"}
    return {} if checked.looked_at else {"outcome": "not-looked-at"}
