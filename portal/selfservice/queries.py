"""What the pages of the journeys show."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.dispatch.flows import domain_rules, person_rules
from portal.dispatch.queries import excess, is_reachable
from portal.gates.models import Attempt
from portal.gates.queries import directories, is_switched_off, policy
from portal.selfservice.outcomes import HOPELESS, PASSWORD_REFUSED, Ending, ending, left_to_wait, was_the_last
from portal.web.outcomes import broken_rules, rules
from writeback.envelope.answers import Outcome, PolicyFacts, PolicyRefusal
from writeback.envelope.jobs import Operation

PAGES = {"reset": "password", "unlock": "unlock-now"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The rules for a new password, as a page shows them.

    Args:
        rules: see portal.web.outcomes.rules.
        names: what the password may not contain.
        not_yet: why no password can be set yet, and from when one can; empty if it can.
        general: they are the directory's; this person's may differ.
    """

    rules: list[dict[str, str | int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    not_yet: str = ""
    general: bool = False


def directory() -> str:
    """Return the directory that people are looked for in; empty where there is none."""
    return next(iter(directories()), "")


def why_closed(operation: Operation | None = None) -> str:
    """Return why nothing can be done now, for everybody alike; empty if all is well."""
    if operation and not policy().allows(operation):
        return _("Your organisation has switched this off.")
    if is_switched_off():
        return _("Your administrators have switched this service off.")
    if excess():
        return _(
            "This service is closed: it's connected to more than one directory, and could mistake one person "
            "for another. Your administrators have to correct that."
        )
    known = directories()
    if not known:
        return _("This service isn't set up yet: it isn't connected to your organisation's directory.")
    if not any(is_reachable(each) for each in known):
        return _(
            "Nothing can be done right now: the connection to your organisation's directory is down. "
            "Try again in a few minutes."
        )
    return ""


def choices() -> list[dict[str, str]]:
    """Return what the first page offers."""
    reset, unlock = why_closed(Operation.RESET), why_closed(Operation.UNLOCK)
    rest = why_closed()
    return [
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


def who_page(operation: Operation, closed: str) -> dict[str, object]:
    """Return what the page that asks for a name shows besides its form; while it is closed, no step count."""
    page: dict[str, object] = {"operation": operation, "closed": closed}
    if closed:
        what = _("Reset your password") if operation is Operation.RESET else _("Unlock your account")
        return page | {"title": what}
    return page | {"title": _("Who are you?"), "step": 1, "steps": 4}


def password_rules(where: str, attempt: bytes | None) -> Shown:
    """Return the rules for a new password: this person's, or the directory's where there is no attempt.

    Where no worker answers, none are shown: the directory judges all the same.
    """
    if not where:
        return Shown()
    facts = person_rules(where, attempt) if attempt else domain_rules(where)
    if isinstance(facts, PolicyRefusal):
        return Shown(not_yet=" ".join(broken_rules(facts)))
    if facts and attempt:  # whose minimum age has passed
        facts = replace(facts, min_age=0)
    if not facts:
        return Shown()
    return Shown(rules=rules(facts), names=list(facts.names), general=attempt is None)


def password_page(attempt: Attempt) -> dict[str, object]:
    """Return what the page of a new password shows: the rules, or from when one can be set."""
    shown = password_rules(attempt.directory, attempt.attempt_id)
    title = _("You can't set a new password yet") if shown.not_yet else _("Choose a new password")
    page: dict[str, object] = {"title": title, "attempt": attempt, "username": attempt.name}
    return page | {"rules": shown.rules, "names": shown.names, "not_yet": shown.not_yet}


def rules_to_change(told: dict[str, Any], closed: str) -> Shown:
    """Return the rules above the field of a change: this person's where a refusal has told them.

    Args:
        told: what the session keeps for that page.
        closed: why nothing can be done now.
    """
    learnt = told.get("policy")
    if not learnt:
        return password_rules("" if closed else directory(), None)
    return Shown(rules=rules(PolicyFacts(**learnt)))


def change_page(told: dict[str, Any], closed: str) -> dict[str, object]:
    """Return what the page of a change shows besides its form.

    Args:
        told: what the session keeps for that page.
        closed: why nothing can be done now.
    """
    shown = rules_to_change(told, closed)
    page: dict[str, object] = {
        "title": _("Change your password"),
        "closed": closed,
        "why": told.get("why", ""),
        "reference": told.get("reference", ""),
    }
    return page | {"rules": shown.rules, "names": shown.names, "general": shown.general} | locked_help()


def locked_help() -> dict[str, object]:
    """Return where somebody is led whose account may be locked: to the unlock, or a reset, which unlocks too.

    Everybody is led there who typed what was not accepted: AD answers for a locked account alike whatever
    the password is, so nobody can tell who has the right one.
    """
    if not why_closed(Operation.UNLOCK):
        return {"unlock_url": reverse("unlock"), "unlock_label": _("Unlock my account")}
    return {"unlock_url": reverse("reset"), "unlock_label": _("Reset my password")}


def ending_of(attempt: Attempt) -> Ending:
    """Return what the result page of an attempt says now."""
    waited = waited_for(attempt)
    return ending(operation=attempt.operation, outcome=attempt.outcome, facts=attempt.facts, waited=waited)


def waited_for(attempt: Attempt) -> float:
    """Return the seconds since the job of an attempt was sent."""
    return (timezone.now() - attempt.sent).total_seconds() if attempt.sent else 0.0


def is_refused(attempt: Attempt) -> bool:
    """Tell whether the directory refused the new password, so that another one is to be asked for."""
    return attempt.state == Attempt.State.OPEN and attempt.outcome in PASSWORD_REFUSED


def result_page(attempt: Attempt) -> dict[str, object]:
    """Return what the result page shows."""
    end = ending_of(attempt)
    shown: dict[str, object] = {"title": end.title, "attempt": attempt}
    if attempt.operation != Operation.CHANGE:  # one page, and no road of four steps
        shown |= {"step": 4, "steps": 4}
    shown |= {"state": end.state, "sentence": end.sentence, "next": end.next, "at": end.at}
    if attempt.outcome == Outcome.PARTIAL and not why_closed(Operation.UNLOCK):
        shown |= locked_help()
    shown |= {"unlocked": end.unlocked, "ended": end.ended, "repeated": repeated(attempt)}
    return shown | {"retry_url": retry_url(attempt), "retry_label": retry_label(attempt)}


def repeated(attempt: Attempt) -> str:
    """Return what somebody has to know whose form came more than once; empty if it did not."""
    if not attempt.repeated:
        return ""
    said = _("This form was sent more than once. Only the first one counted.")
    if attempt.operation == Operation.UNLOCK:
        return said
    return _(
        "This form was sent more than once. Only the first one counted: a different password "
        "typed the second time was not set."
    )


def retry_url(attempt: Attempt) -> str:
    """Return where the same can be tried again: in this attempt if nothing was spent, else from the start.

    Nowhere, where it would end in the same way, or where this attempt ends before the wait that is told;
    who has nothing to unlock may reset.
    """
    if attempt.state in {Attempt.State.DONE, Attempt.State.SENT} or attempt.outcome in HOPELESS:
        return ""
    if attempt.outcome == Outcome.NOT_LOCKED:
        return reverse("reset")
    if was_the_last(attempt.outcome, attempt.facts):
        return "" if attempt.facts.get("again") else reverse(attempt.operation)
    wait = timedelta(seconds=left_to_wait(attempt.facts, waited_for(attempt)))
    again = attempt.state == Attempt.State.OPEN and not attempt.is_expired(timezone.now() + wait)
    if wait and not (again and attempt.operation in PAGES):
        return ""
    if again and attempt.operation in PAGES:
        return reverse(PAGES[attempt.operation], args=[attempt.public_id])
    return reverse(attempt.operation)


def retry_label(attempt: Attempt) -> str:
    """Return what the button to `retry_url` says; empty for "Try again"."""
    if was_the_last(attempt.outcome, attempt.facts):
        return _("Start again")
    if attempt.outcome == Outcome.NOT_LOCKED:
        return _("Reset my password")
    return _("Go on after that") if left_to_wait(attempt.facts, waited_for(attempt)) else ""
