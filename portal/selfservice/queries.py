"""Reads what the pages of the journeys need; pages.py says what they show of it."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from portal.dispatch.flows import person_rules, site_rules
from portal.dispatch.queries import directories_away, has_too_many_sites, is_reachable
from portal.gates.models import Attempt
from portal.gates.queries import is_switched_off, policy, sites
from portal.selfservice.outcomes import PASSWORD_REFUSED, refusals
from portal.selfservice.pages import (
    CLOSED,
    Closure,
    ShownRules,
    change_page,
    home_page,
    result_page,
    show_rules,
)
from writeback.envelope.answers import Outcome, PolicyFacts
from writeback.envelope.jobs import Operation


def site() -> str:
    """Return the site at which people are looked up; empty if there is none."""
    return next(iter(sites()), "")


def why_closed(operation: Operation | None = None) -> str:
    """Return why nobody can do this now; empty if it is open.

    Args:
        operation: the operation; None for all of them.
    """
    closure = _find_closure(operation)
    return str(CLOSED[closure]) if closure else ""


def _find_closure(operation: Operation | None) -> Closure | None:
    if operation and not policy().allows(operation):
        return Closure.OPERATION_OFF
    if is_switched_off():
        return Closure.SERVICE_OFF
    if has_too_many_sites():
        return Closure.SEVERAL_SITES
    known = sites()
    if not known:
        return Closure.NOT_SET_UP
    return None if any(is_reachable(each) for each in known) else Closure.DIRECTORY_AWAY


def read_away() -> str:
    """Return the directories that can't be reached now, as a text; empty if all can be, or none."""
    return ", ".join(directories_away(site()))


def can_unlock() -> bool:
    """Tell whether unlocks without a reset are open now."""
    return not why_closed(Operation.UNLOCK)


def read_home_page(said: str) -> dict[str, Any]:
    """Return what the first page shows now."""
    reset, unlock = why_closed(Operation.RESET), why_closed(Operation.UNLOCK)
    return home_page(reset=reset, unlock=unlock, rest=why_closed(), said=said)


def read_rules(where: str, attempt: bytes | None) -> ShownRules:
    """Return the rules for a new password: this person's, or everybody's at the site if there is no attempt.

    If no worker answers, no rules are shown; the directory judges the password anyway.

    Args:
        where: id of the directory; empty for no rules.
        attempt: the worker's id of the attempt, 16 bytes, or None.
    """
    if not where:
        return ShownRules()
    if not attempt:
        return show_rules(site_rules(where), general=True)
    facts = person_rules(where, attempt)
    if isinstance(facts, PolicyFacts):  # their minimum age has passed
        facts = replace(facts, min_age=0)
    return show_rules(facts, general=False)


def read_change_page(kept: dict[str, Any], closed: str) -> dict[str, object]:
    """Return what the page of a change shows now besides its form.

    The rules are this person's own if a refusal has told them before.

    Args:
        kept: what the session keeps for this page.
        closed: why nothing can be done now; empty if something can.
    """
    learnt = kept.get("policy")
    if learnt:
        shown = show_rules(PolicyFacts(**learnt), general=False)
    else:
        shown = read_rules("" if closed else site(), None)
    outcome, reference = kept.get("outcome", ""), kept.get("reference", "")
    why = " ".join(refusals(outcome, kept["facts"])) if outcome else ""
    page = change_page(shown, closed=closed, why=why, reference=reference, can_unlock=can_unlock())
    return page | {"away": read_away()}


def is_refused(attempt: Attempt) -> bool:
    """Tell whether the directory refused the new password, and the person may choose another one."""
    return attempt.state == Attempt.State.OPEN and attempt.outcome in PASSWORD_REFUSED


def read_result_page(attempt: Attempt) -> dict[str, object]:
    """Return what the result page shows now."""
    needs_unlock = attempt.outcome == Outcome.PARTIAL
    return result_page(attempt, can_unlock=needs_unlock and can_unlock(), now=timezone.now())
