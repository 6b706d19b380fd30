"""ExplainPerson: tell an administrator what a policy means for a person; never what they have registered."""

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import ExplainPerson, Operation
from writeback.envelope.questions import PersonExplained, PersonVerdict
from writeback.handlers.common import record_answer, record_groups
from writeback.handlers.finding import Lookup, look_up_name
from writeback.handlers.selecting import Selected, select_groups
from writeback.handlers.writes import why_closed
from writeback.ports import Request, Site


def handle(request: Request[ExplainPerson], site: Site) -> Answer:
    """Count the person and each group as a question, and judge the person as Begin does."""
    job = request.job
    groups = len(job.only_groups)
    wait = site.register.take_questions(1 + groups)
    if wait:
        refused = Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=wait))
        return record_answer(site, "person.explained", request, refused, groups=groups)
    record_groups(site, request.jti, job.only_groups)
    found = select_groups(site, job.only_groups)
    lookup = look_up_name(job.name, site, brings_password=False)
    lookup.report(site, request.jti)
    facts = explain(lookup, found)
    answer = Answer(outcome=Outcome.DONE, facts=facts)
    asked = {"account": lookup.guid, "typed": site.register.shadow(site.realm, lookup.name).hex()}
    verdict = facts.verdict.value
    return record_answer(site, "person.explained", request, answer, **asked, groups=groups, verdict=verdict)


def explain(lookup: Lookup, groups: Selected) -> PersonExplained:
    """Return whether the person of a name is served under a policy's groups, and what they can do."""
    account = lookup.account
    if account is None:
        verdict = PersonVerdict(lookup.verdict)
        return PersonExplained(
            verdict=verdict, operations=(), because=None, groups=(), missing=groups.find_missing()
        )
    closed = {operation: why_closed(account, operation) for operation in Operation}
    return PersonExplained(
        verdict=PersonVerdict.SERVED if groups.lets_in(account) else PersonVerdict.NOT_SELECTED,
        operations=tuple(operation for operation, why in closed.items() if not why),
        because=next((why for why in closed.values() if why), None),
        groups=groups.places_of(account),
        missing=groups.find_missing(),
    )
