"""What the pages of /register/ show, from what was read before: without database or worker."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from portal.methods.models import Factor
from portal.methods.queries import name_of
from portal.methods.registry import METHODS
from portal.people.session import SignedInPerson
from portal.selfservice.pages import locked_help
from writeback.envelope.answers import FactorFacts, FactorList, FactorState

SIGNED_OUT = gettext_noop("You're signed out.")
LAST_WAY: Promise = gettext_lazy("This is your last way. Add another one before you remove it.")


def sign_in_page(*, closed: str, over: str, can_unlock: bool) -> dict[str, Any]:
    """Return what the sign-in page shows besides its form.

    Args:
        closed: why nothing can be done now; empty if something can.
        over: why the last sign-in is over; empty if there was none.
        can_unlock: True if unlocks without a reset are open.
    """
    title = _("Sign in again") if over else _("Sign in to set things up")
    return {"title": title, "closed": closed, "said": over} | locked_help(can_unlock=can_unlock)


def ways_page(
    person: SignedInPerson,
    listed: FactorList,
    *,
    labels: Mapping[str, str],
    allowed: Collection[str],
    said: str,
) -> dict[str, Any]:
    """Return what the page of a person's ways shows.

    Args:
        person: the person who is signed in.
        listed: the list from the worker.
        labels: the person's own names for their factors, by id.
        allowed: the methods that the policy allows.
        said: a message about what has just been done; may be empty.
    """
    return {
        "title": _("Ways to prove it's you"),
        "person": person,
        "reference": person.reference,
        "factors": [_make_card(facts, labels.get(facts.factor.hex(), "")) for facts in listed.factors],
        "pending": any(facts.state is FactorState.PENDING for facts in listed.factors),
        "missing": _explain_missing(listed),
        "ready_at": _make_instant(listed.ready_at),
        "addable": _list_addable(allowed),
        "stepped_up": listed.stepped_up,
        "step_up_url": "" if listed.stepped_up or not listed.offers else reverse("step-up"),
        "said": said,
    }


def rename_page(person: SignedInPerson, factor: Factor) -> dict[str, Any]:
    """Return what the page for renaming a factor shows besides its form."""
    shown = {"id": factor.factor_id, "kind": factor.kind, "label": name_of(factor)}
    return {"title": _("Rename it"), "person": person, "factor": shown}


def remove_page(person: SignedInPerson, factor: Factor) -> dict[str, Any]:
    """Return what the page for removing a factor shows besides its form."""
    shown = {"id": factor.factor_id, "kind": factor.kind, "label": name_of(factor), "hint": factor.hint}
    return {"title": _("Remove it?"), "person": person, "factor": shown}


def _make_card(facts: FactorFacts, label: str) -> dict[str, Any]:
    method = METHODS[facts.method]
    return {
        "id": facts.factor.hex(),
        "kind": facts.method.value,
        "title": method.title,
        "icon": method.icon,
        "resume": method.resume,
        "resume_url": method.url_to_resume(facts.factor.hex()),
        "label": label,
        "hint": facts.hint,
        "state": _name_state(facts),
        "ready_at": _make_instant(facts.ready_at),
        "created": _make_instant(facts.created),
        "last_used": _make_instant(facts.last_used),
        "left": facts.left,
    }


def _name_state(facts: FactorFacts) -> str:
    if facts.state is FactorState.PENDING:
        return "pending"
    return "cooling" if facts.ready_at else "ready"


def _make_instant(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _explain_missing(listed: FactorList) -> str:
    if listed.enough:
        return ""
    there = {facts.method for facts in listed.factors if facts.state is FactorState.ACTIVE}
    left = max(1, listed.methods_needed - len(there))
    if there:
        said = ngettext(
            "Add %(count)d more way, so that you can reset your password yourself.",
            "Add %(count)d more ways, so that you can reset your password yourself.",
            left,
        )
    else:
        said = ngettext(
            "Add %(count)d way, so that you can reset your password yourself.",
            "Add %(count)d ways, so that you can reset your password yourself.",
            left,
        )
    return said % {"count": left}


def _list_addable(allowed: Collection[str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": kind.value,
            "title": method.title,
            "icon": method.icon,
            "text": method.text,
            "url": reverse(method.add_url),
        }
        for kind, method in METHODS.items()
        if kind.value in allowed
    ]
