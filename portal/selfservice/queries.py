"""Reading what the pages of the journeys need; what they make of it stands in pages.py."""

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
    """Return the directory that people are looked for in; empty where there is none."""
    return next(iter(directories()), "")


def why_closed(operation: Operation | None = None) -> str:
    """Return why nothing can be done now, for everybody alike; empty if all is well."""
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
    """Tell whether an unlock without a reset is open now."""
    return not why_closed(Operation.UNLOCK)


def read_home_page(said: str) -> dict[str, Any]:
    """Return what the first page shows now."""
    reset, unlock = why_closed(Operation.RESET), why_closed(Operation.UNLOCK)
    return home_page(reset=reset, unlock=unlock, rest=why_closed(), said=said)


def read_rules(where: str, attempt: bytes | None) -> ShownRules:
    """Return the rules for a new password: this person's, or the directory's where there is no attempt.

    Where no worker answers, none are shown: the directory judges all the same.
    """
    if not where:
        return ShownRules()
    if not attempt:
        return show_rules(domain_rules(where), general=True)
    told = person_rules(where, attempt)
    if isinstance(told, PolicyFacts):  # their minimum age has passed
        told = replace(told, min_age=0)
    return show_rules(told, general=False)


def read_change_page(kept: dict[str, Any], closed: str) -> dict[str, object]:
    """Return what the page of a change shows now besides its form.

    The rules are this person's where a refusal has told them.

    Args:
        kept: what the session keeps for that page.
        closed: why nothing can be done now.
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
    """Tell whether the directory refused the new password, so that another one is to be asked for."""
    return attempt.state == Attempt.State.OPEN and attempt.outcome in PASSWORD_REFUSED


def read_result_page(attempt: Attempt) -> dict[str, object]:
    """Return what the result page shows now."""
    needs_unlock = attempt.outcome == Outcome.PARTIAL
    return result_page(attempt, can_unlock=needs_unlock and can_unlock(), now=timezone.now())
