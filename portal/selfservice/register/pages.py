"""What the pages of /register/ show, made of what was read before: no database, no worker."""

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
        closed: why nothing can be done now.
        over: why the last sign-in is over; empty where there was none.
        can_unlock: an unlock without a reset is open.
    """
    title = _("Sign in again") if over else _("Sign in to set things up")
    return {"title": title, "closed": closed, "said": over} | locked_help(can_unlock=can_unlock)


def ways_page(
    person: SignedInPerson,
    told: FactorList,
    *,
    labels: Mapping[str, str],
    allowed: Collection[str],
    said: str,
) -> dict[str, Any]:
    """Return what the page of one's own ways shows.

    Args:
        person: who is signed in.
        told: what the worker tells of them.
        labels: what the person calls each factor, by its id.
        allowed: the methods of the policy.
        said: what has just been done.
    """
    return {
        "title": _("Ways to prove it's you"),
        "person": person,
        "reference": person.reference,
        "factors": [_make_card(facts, labels.get(facts.factor.hex(), "")) for facts in told.factors],
        "pending": any(facts.state is FactorState.PENDING for facts in told.factors),
        "missing": _explain_missing(told),
        "ready_at": _make_instant(told.ready_at),
        "addable": _list_addable(allowed),
        "stepped_up": told.stepped_up,
        "step_up_url": "" if told.stepped_up or not told.offers else reverse("step-up"),
        "said": said,
    }


def rename_page(person: SignedInPerson, factor: Factor) -> dict[str, Any]:
    """Return what the page shows on which a factor gets another name, besides its form."""
    shown = {"id": factor.factor_id, "kind": factor.kind, "label": name_of(factor)}
    return {"title": _("Rename it"), "person": person, "factor": shown}


def remove_page(person: SignedInPerson, factor: Factor) -> dict[str, Any]:
    """Return what the page shows on which a factor is removed, besides its form."""
    shown = {"id": factor.factor_id, "kind": factor.kind, "label": name_of(factor), "hint": factor.hint}
    return {"title": _("Remove it?"), "person": person, "factor": shown}


def _make_card(facts: FactorFacts, label: str) -> dict[str, Any]:
    method = METHODS[facts.method]
    return {
        "id": facts.factor.hex(),
        "kind": facts.method.value,
        "title": method.title,
        "icon": method.icon,
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


def _explain_missing(told: FactorList) -> str:
    if told.enough:
        return ""
    there = {facts.method for facts in told.factors if facts.state is FactorState.ACTIVE}
    left = max(1, told.methods_needed - len(there))
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
