"""What the pages of the journeys show, from what was read before: without database or worker."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.dispatch.outcomes import describe_broken_rules, rules
from portal.gates.models import Attempt
from portal.selfservice.outcomes import HOPELESS, Ending, ending, is_out_of_tries, seconds_to_wait
from portal.selfservice.site_map import SITE_MAP
from writeback.envelope.answers import Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.jobs import Operation


class Closure(StrEnum):
    """Why nothing can be done now."""

    OPERATION_OFF = "operation-off"
    SERVICE_OFF = "service-off"
    SEVERAL_SITES = "several-sites"
    NOT_SET_UP = "not-set-up"
    DIRECTORY_AWAY = "directory-away"


CLOSED: dict[Closure, Promise] = {
    Closure.OPERATION_OFF: gettext_lazy("Your organisation has switched this off."),
    Closure.SERVICE_OFF: gettext_lazy("Your administrators have switched this service off."),
    Closure.SEVERAL_SITES: gettext_lazy(
        "This service is closed: it's connected to more than one site, and could mistake one person "
        "for another. Your administrators have to correct that."
    ),
    Closure.NOT_SET_UP: gettext_lazy(
        "This service isn't set up yet: it isn't connected to your organisation's directory."
    ),
    Closure.DIRECTORY_AWAY: gettext_lazy(
        "Nothing can be done right now: the connection to your organisation's directory is down. "
        "Try again in a few minutes."
    ),
}


@dataclass(frozen=True, kw_only=True)
class ShownRules:
    """The rules for a new password, as a page shows them.

    Args:
        rules: the rules as returned by portal.dispatch.outcomes.rules.
        names: what the password may not contain.
        not_yet: why no password can be set yet, and from when; empty if one can be set now.
        general: True if they are the directory's rules, from which this person's may differ.
    """

    rules: list[dict[str, str | int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    not_yet: str = ""
    general: bool = False


def home_page(*, reset: str, unlock: str, rest: str, said: str) -> dict[str, Any]:
    """Return what the first page shows.

    Args:
        reset: why resets are closed now; empty if they are open.
        unlock: why unlocks are closed now; empty if they are open.
        rest: why everything is closed now; empty if it is not.
        said: a message about what has just been done; may be empty.
    """
    choices = [
        {"key": "reset", "url": reverse("reset"), "title": _("I forgot my password"), "closed": reset},
        {"key": "unlock", "url": reverse("unlock"), "title": _("My account is locked"), "closed": unlock},
        {
            "key": "change",
            "url": reverse("change"),
            "title": _("I want to change my password"),
            "closed": rest,
        },
        {
            "key": "register",
            "url": reverse("ways"),
            "title": _("Set up ways to prove it's you"),
            "closed": rest,
        },
    ]
    return {"title": _("Trouble signing in?"), "closed": rest, "choices": choices, "said": said}


def who_page(operation: Operation, closed: str) -> dict[str, object]:
    """Return what the page that asks for a name shows besides its form; a closed one has no step count."""
    page: dict[str, object] = {"operation": operation, "closed": closed}
    if closed:
        what = _("Reset your password") if operation is Operation.RESET else _("Unlock your account")
        return page | {"title": what}
    return page | {"title": _("Who are you?"), "step": 1, "steps": 4}


def unlock_page(attempt: Attempt) -> dict[str, object]:
    """Return what the page of an unlock shows besides its form."""
    return {"title": _("Unlock your account"), "attempt": attempt, "step": 3, "steps": 4}


def show_rules(facts: PolicyFacts | PolicyRefusal | None, *, general: bool) -> ShownRules:
    """Return the rules for a new password as a page shows them.

    Args:
        facts: the rules from the worker; None if it told none. The directory judges the password anyway.
        general: True if they are the directory's rules, from which this person's may differ.
    """
    if isinstance(facts, PolicyRefusal):
        return ShownRules(not_yet=" ".join(describe_broken_rules(facts)))
    if facts is None:
        return ShownRules()
    return ShownRules(rules=rules(facts), names=list(facts.names), general=general)


def password_page(attempt: Attempt, shown: ShownRules) -> dict[str, object]:
    """Return what the page of a new password shows besides its form: the rules, or from when to set one."""
    title = _("You can't set a new password yet") if shown.not_yet else _("Choose a new password")
    page: dict[str, object] = {"title": title, "attempt": attempt, "username": attempt.name}
    page |= {"step": 3, "steps": 4}
    return page | {"rules": shown.rules, "names": shown.names, "not_yet": shown.not_yet}


def change_page(
    shown: ShownRules, *, closed: str, why: str, reference: str, can_unlock: bool
) -> dict[str, object]:
    """Return what the page of a change shows besides its form.

    Args:
        shown: the rules.
        closed: why nothing can be done now; empty if something can.
        why: a sentence that says why the person was led here; may be empty.
        reference: the reference that belongs to it, for the helpdesk.
        can_unlock: True if unlocks without a reset are open.
    """
    page: dict[str, object] = {"title": _("Change your password"), "closed": closed, "why": why}
    page["reference"] = reference
    page |= {"rules": shown.rules, "names": shown.names, "general": shown.general}
    return page | locked_help(can_unlock=can_unlock)


def locked_help(*, can_unlock: bool) -> dict[str, object]:
    """Return the link for people whose account may be locked: to an unlock, or to a reset, which unlocks too.

    It is shown to everybody whose password was not accepted. For a locked account, AD gives the same answer
    to every password, so nobody can tell whether the password was right.
    """
    if can_unlock:
        return {"unlock_url": reverse("unlock"), "unlock_label": _("Unlock my account")}
    return {"unlock_url": reverse("reset"), "unlock_label": _("Reset my password")}


def ending_of(attempt: Attempt, now: datetime) -> Ending:
    """Return what the result page of an attempt says at this time."""
    waited = _count_waited(attempt, now)
    return ending(operation=attempt.operation, outcome=attempt.outcome, facts=attempt.facts, waited=waited)


def result_page(attempt: Attempt, *, can_unlock: bool, now: datetime) -> dict[str, object]:
    """Return what the result page shows.

    Args:
        attempt: the attempt; its job was sent.
        can_unlock: True if unlocks without a reset are open.
        now: the time of the page.
    """
    end = ending_of(attempt, now)
    shown: dict[str, object] = {"title": end.title, "attempt": attempt}
    if attempt.operation != Operation.CHANGE:  # a change is one page, not four steps
        shown |= {"step": 4, "steps": 4}
    shown |= {"state": end.state, "sentence": end.sentence, "next": end.next, "at": end.at}
    if attempt.outcome == Outcome.PARTIAL and can_unlock:
        shown |= locked_help(can_unlock=True)
        shown["next"] = [
            _("Unlock your account with the button below."),
            _("If it stays locked, call the helpdesk with the reference below."),
        ]
    shown |= {"unlocked": end.unlocked, "ended": end.ended, "repeated": _explain_repeated(attempt)}
    return shown | {"retry_url": _find_retry_url(attempt, now), "retry_label": _name_retry(attempt, now)}


def _count_waited(attempt: Attempt, now: datetime) -> float:
    """Return the seconds since the job of an attempt was sent."""
    return (now - attempt.sent).total_seconds() if attempt.sent else 0.0


def _explain_repeated(attempt: Attempt) -> str:
    """Return what a person must know whose form was sent more than once; empty if it was not."""
    if not attempt.repeated:
        return ""
    said = _("This form was sent more than once. Only the first one counted.")
    if attempt.operation == Operation.UNLOCK:
        return said
    return _(
        "This form was sent more than once. Only the first one counted: a different password "
        "typed the second time was not set."
    )


def _find_retry_url(attempt: Attempt, now: datetime) -> str:
    """Return the address at which a person can try again; empty if that makes no sense.

    It is in this attempt if no proof was used up, and otherwise the start of a new one. It is empty if the
    next try would end in the same way, or if this attempt ends before the person may try again. For an
    account that was not locked, it is the reset.
    """
    if attempt.state in {Attempt.State.DONE, Attempt.State.SENT} or attempt.outcome in HOPELESS:
        return ""
    if attempt.outcome == Outcome.NOT_LOCKED:
        return reverse("reset")
    if is_out_of_tries(attempt.outcome, attempt.facts):
        return "" if attempt.facts.get("again") else reverse(attempt.operation)
    wait = timedelta(seconds=seconds_to_wait(attempt.facts, _count_waited(attempt, now)))
    again = attempt.state == Attempt.State.OPEN and not attempt.is_expired(now + wait)
    if wait and not (again and attempt.operation in SITE_MAP.act_in_attempt):
        return ""
    if again and attempt.operation in SITE_MAP.act_in_attempt:
        return reverse(SITE_MAP.act_in_attempt[attempt.operation], args=[attempt.public_id])
    return reverse(attempt.operation)


def _name_retry(attempt: Attempt, now: datetime) -> str:
    """Return the label of the button to `_find_retry_url`; empty for "Try again"."""
    if is_out_of_tries(attempt.outcome, attempt.facts):
        return _("Start again")
    if attempt.outcome == Outcome.NOT_LOCKED:
        return _("Reset my password")
    return _("Go on after that") if seconds_to_wait(attempt.facts, _count_waited(attempt, now)) else ""
