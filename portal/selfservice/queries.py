"""Reads what the pages of the journeys need; pages.py says what they show of it."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from portal.dispatch.flows import domain_rules, person_rules
from portal.dispatch.queries import is_reachable, read_excess
from portal.gates.models import Attempt
from portal.gates.queries import directories, is_switched_off, policy
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


def directory() -> str:
    """Return the directory in which people are looked up; empty if there is none."""
    return next(iter(directories()), "")


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
    if read_excess():
        return Closure.SEVERAL_DIRECTORIES
    known = directories()
    if not known:
        return Closure.NOT_SET_UP
    return None if any(is_reachable(each) for each in known) else Closure.DIRECTORY_AWAY


def can_unlock() -> bool:
    """Tell whether unlocks without a reset are open now."""
    return not why_closed(Operation.UNLOCK)


def read_home_page(said: str) -> dict[str, Any]:
    """Return what the first page shows now."""
    reset, unlock = why_closed(Operation.RESET), why_closed(Operation.UNLOCK)
    return home_page(reset=reset, unlock=unlock, rest=why_closed(), said=said)


def read_rules(where: str, attempt: bytes | None) -> ShownRules:
    """Return the rules for a new password: this person's, or the directory's if there is no attempt.

    If no worker answers, no rules are shown; the directory judges the password anyway.

    Args:
        where: id of the directory; empty for no rules.
        attempt: the worker's id of the attempt, 16 bytes, or None.
    """
    if not where:
        return ShownRules()
    if not attempt:
        return show_rules(domain_rules(where), general=True)
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
        shown = read_rules("" if closed else directory(), None)
    outcome, reference = kept.get("outcome", ""), kept.get("reference", "")
    why = " ".join(refusals(outcome, kept["facts"])) if outcome else ""
    return change_page(shown, closed=closed, why=why, reference=reference, can_unlock=can_unlock())


def is_refused(attempt: Attempt) -> bool:
    """Tell whether the directory refused the new password, and the person may choose another one."""
    return attempt.state == Attempt.State.OPEN and attempt.outcome in PASSWORD_REFUSED


def read_result_page(attempt: Attempt) -> dict[str, object]:
    """Return what the result page shows now."""
    needs_unlock = attempt.outcome == Outcome.PARTIAL
    return result_page(attempt, can_unlock=needs_unlock and can_unlock(), now=timezone.now())
