"""Asks a worker for administrators: what a policy's groups are, and what a person would get.

No transaction is open while a worker is asked. Nothing here reveals what anybody has registered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.audit.flows import pseudonym, record
from portal.dispatch.flows import ask
from portal.dispatch.outcomes import sentence
from portal.gates.flows import read_ceiling
from portal.gates.models import Policy
from portal.gates.queries import policy, sites
from portal.gates.wording import explain
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import CheckGroups, ExplainPerson, reference_of
from writeback.envelope.questions import GroupFacts, GroupKind, GroupsChecked, PersonExplained


@dataclass(frozen=True, kw_only=True)
class GroupReport:
    """What a worker found out about a policy's groups.

    Args:
        wrong: one sentence for each group that lets nobody in, or one that says why no worker looked.
        right: one sentence for each group that is as it should be.
    """

    wrong: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)


def check_groups(groups: Sequence[str]) -> GroupReport:
    """Ask a worker what groups these are.

    Args:
        groups: their distinguished names.
    """
    answer = _ask_about_groups(groups)
    facts = answer.facts if answer else None
    if not isinstance(facts, GroupsChecked) or len(facts.groups) != len(groups):
        return GroupReport(
            wrong=[_("The groups could not be looked at: %(why)s") % {"why": _explain(answer)}]
        )
    pairs = list(zip(groups, facts.groups, strict=True))
    return GroupReport(
        wrong=[_describe_wrong(dn, one) for dn, one in pairs if one.kind is not GroupKind.SECURITY],
        right=[_describe_right(dn, one) for dn, one in pairs if one.kind is GroupKind.SECURITY],
    )


def try_person(name: str, *, by: str) -> list[str]:
    """Return sentences about what a person would get now, whatever they have registered.

    Args:
        name: a name as they would type it.
        by: account of the administrator who asks, for the audit.
    """
    rules, ceiling = policy(), read_ceiling()
    groups = rules.group_list() if rules.reset_scope == Policy.Scope.SELECTED else ()
    known = sites()
    if not known:
        return [_("No directory is connected yet.")]
    reply = ask(ExplainPerson(site=known[0], name=name, only_groups=groups))
    facts = reply.answer.facts if reply.answer else None
    said = reply.answer.outcome if reply.answer else "no-answer"
    record("person.tried", reference=reference_of(reply.jti), account=by, name=pseudonym(name), outcome=said)
    if not isinstance(facts, PersonExplained):
        return [_("Nobody could be looked up: %(why)s") % {"why": _explain(reply.answer)}]
    return explain(facts, rules, groups, ceiling)


def _ask_about_groups(groups: Sequence[str]) -> Answer | None:
    known = sites()
    return ask(CheckGroups(site=known[0], groups=tuple(groups))).answer if known else None


def _explain(answer: Answer | None) -> str:
    if answer and answer.outcome is Outcome.NOT_ALLOWED:
        return _("the worker does not answer this. [operations] allow of its writeback.toml leaves it out.")
    return sentence(answer)


def _describe_wrong(dn: str, group: GroupFacts) -> str:
    match group.kind:
        case GroupKind.FOR_MAIL:
            said = _("“%(dn)s” is a distribution group, which lets nobody in. Choose a security group.")
        case GroupKind.UNREADABLE:
            said = _("“%(dn)s” can't be read by the worker's service account, so it lets nobody in.")
        case _:
            said = _("“%(dn)s” doesn't exist in the directory, so it lets nobody in.")
    return said % {"dn": dn}


def _describe_right(dn: str, group: GroupFacts) -> str:
    if group.members is None:
        return _("“%(dn)s” is a security group; its people could not be counted.") % {"dn": dn}
    if group.more:
        said = _("“%(dn)s” is a security group with more than %(count)d people in it.")
        return said % {"dn": dn, "count": group.members}
    return ngettext(
        "“%(dn)s” is a security group with %(count)d person in it.",
        "“%(dn)s” is a security group with %(count)d people in it.",
        group.members,
    ) % {"dn": dn, "count": group.members}
