"""What the page of one's own ways shows."""

from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.gates.queries import policy
from portal.methods.queries import labels
from portal.methods.registry import METHODS
from portal.people.session import SignedInPerson
from writeback.envelope.answers import FactorFacts, FactorList, FactorState


def ways_page(person: SignedInPerson, told: FactorList) -> dict[str, Any]:
    """Return what the page of one's own ways shows."""
    names = labels(person)
    return {
        "title": _("Ways to prove it's you"),
        "person": person,
        "reference": person.reference,
        "factors": [_card(facts, names.get(facts.factor.hex(), "")) for facts in told.factors],
        "missing": _missing(told),
        "ready_at": _instant(told.ready_at),
        "addable": _addable(told),
        "stepped_up": told.stepped_up,
        "step_up_url": "" if told.stepped_up or not told.offers else reverse("step-up"),
    }


def _card(facts: FactorFacts, label: str) -> dict[str, Any]:
    method = METHODS[facts.method]
    return {
        "id": facts.factor.hex(),
        "kind": facts.method.value,
        "title": method.title,
        "icon": method.icon,
        "label": label,
        "hint": facts.hint,
        "state": _state(facts),
        "ready_at": _instant(facts.ready_at),
        "created": _instant(facts.created),
        "last_used": _instant(facts.last_used),
        "left": facts.left,
    }


def _state(facts: FactorFacts) -> str:
    if facts.state is FactorState.PENDING:
        return "pending"
    return "cooling" if facts.ready_at else "ready"


def _instant(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _missing(told: FactorList) -> str:
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


def _addable(told: FactorList) -> list[dict[str, Any]]:
    allowed = policy().methods
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
