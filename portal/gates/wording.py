"""Sentences for administrators about what a person would get (pure, but in the current language)."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.gates.models import Policy
from portal.methods.registry import METHODS
from writeback.envelope.answers import HealthReport, Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.envelope.operations import JOB_OF
from writeback.envelope.questions import PersonExplained, PersonVerdict

VERDICTS: dict[PersonVerdict, Promise] = {
    PersonVerdict.SERVED: gettext_lazy("This person is served."),
    PersonVerdict.NOT_SELECTED: gettext_lazy(
        "This person is served, but is in none of the selected groups. A reset looks to them as it does to a "
        "stranger, and leads nowhere."
    ),
    PersonVerdict.UNKNOWN: gettext_lazy("Nobody has that account name, UPN or mail address."),
    PersonVerdict.AMBIGUOUS: gettext_lazy(
        "Several accounts have that name, so nobody is served under it. The worker's audit names them."
    ),
    PersonVerdict.UNREADABLE: gettext_lazy(
        "The worker's service account may not read what decides about this account. Run writeback doctor."
    ),
    PersonVerdict.OUT_OF_SCOPE: gettext_lazy(
        "This account is not served: it lies outside the bases in the worker's [scope], or does not belong "
        "to a person."
    ),
    PersonVerdict.PROTECTED: gettext_lazy(
        "This account is protected, so nobody touches it through Keyback: it has or had special rights, runs "
        "a service, or is in a group that the worker's [scope] denies."
    ),
}
BECAUSE: dict[Outcome, Promise] = {
    Outcome.ACCOUNT_DISABLED: gettext_lazy("the account is disabled"),
    Outcome.ACCOUNT_EXPIRED: gettext_lazy("the account has expired"),
    Outcome.SMART_CARD: gettext_lazy("the account signs in with a smart card"),
}
NAMES: dict[Operation, Promise] = {
    Operation.RESET: gettext_lazy("Reset"),
    Operation.UNLOCK: gettext_lazy("Unlock"),
    Operation.CHANGE: gettext_lazy("Change"),
    Operation.REGISTER: gettext_lazy("Registration"),
}


def explain(
    facts: PersonExplained, rules: Policy, groups: Sequence[str], ceiling: HealthReport | None
) -> list[str]:
    """Return sentences about what a person would get under this policy.

    Args:
        facts: the worker's answer about the person.
        rules: the policy.
        groups: the groups that the worker was asked about, in that order.
        ceiling: the worker's ceiling; None if no worker answers.
    """
    said = [str(VERDICTS[facts.verdict])]
    said += [_describe_group(dn, place, facts) for place, dn in enumerate(groups)]
    if facts.verdict not in {PersonVerdict.SERVED, PersonVerdict.NOT_SELECTED}:
        return said
    said += [_describe_operation(operation, facts, rules, ceiling) for operation in Operation]
    return [*said, _("Only “writeback explain” on the worker's host tells what they have registered.")]


def _describe_group(dn: str, place: int, facts: PersonExplained) -> str:
    if place in facts.missing:
        return _("“%(dn)s” lets nobody in: it is missing, or it is not a security group.") % {"dn": dn}
    if place in facts.groups:
        return _("“%(dn)s”: they are in it.") % {"dn": dn}
    return _("“%(dn)s”: they are not in it.") % {"dn": dn}


def _describe_operation(
    operation: Operation, facts: PersonExplained, rules: Policy, ceiling: HealthReport | None
) -> str:
    what = {"what": NAMES[operation]}
    if not rules.allows(operation) or (ceiling and JOB_OF[operation].__name__ not in ceiling.allowed):
        return _("%(what)s: switched off for everybody.") % what
    if operation is Operation.RESET and facts.verdict is PersonVerdict.NOT_SELECTED:
        return _("%(what)s: not for them.") % what
    if operation not in facts.operations:
        why = BECAUSE.get(facts.because) if facts.because else None
        return _("%(what)s: closed, because %(why)s.") % {**what, "why": why or _("of the account's state")}
    return _("%(what)s: open, after %(proof)s.") % {
        **what,
        "proof": _describe_proof(operation, rules, ceiling),
    }


def _describe_proof(operation: Operation, rules: Policy, ceiling: HealthReport | None) -> str:
    if operation is Operation.CHANGE:
        return _("their old password")
    if operation is Operation.REGISTER:
        return _("their work password")
    asked = {gate.operation: gate for gate in ceiling.gates}.get(operation) if ceiling else None
    count = max(rules.gates_for(operation), asked.methods_needed if asked else 0)
    weak = asked.never_alone if asked and count == 1 else ()
    alone = ", ".join(str(METHODS[kind].title) for kind in weak if kind in rules.methods)
    said = _("%(count)d of: %(ways)s (%(alone)s not alone)") if alone else _("%(count)d of: %(ways)s")
    ways = ", ".join(str(METHODS[MethodKind(kind)].title) for kind in rules.methods)
    return said % {"count": count, "ways": ways, "alone": alone}
