"""What the pages of an attempt show, from what was read before: without database or worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from portal.dispatch.outcomes import SENTENCES
from portal.gates.forms import ProveForm
from portal.gates.models import Attempt, Offer
from portal.gates.queries import good_until, is_too_old, needs_new_code, resend_in, seconds_closed
from portal.methods.forms import CodeForm
from portal.methods.registry import METHODS
from portal.web.site_map import site_map
from portal.web.waits import say_wait
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind

NOT_ENOUGH: Promise = gettext_lazy("The ways that you have set up don't suffice for this.")
TAKEN_OVER: Promise = gettext_lazy("Another attempt in this browser took the place of this one.")
FOREIGN: Promise = gettext_lazy(
    "This page belongs to another browser, or to an attempt that is over. Start again."
)


def prove_page(
    attempt: Attempt, form: ProveForm, offers: Sequence[Offer], *, needed: int, now: datetime
) -> dict[str, Any]:
    """Return what the page for choosing a way shows.

    Args:
        attempt: an open attempt with something left to prove.
        form: the form with the ways that can be chosen now.
        offers: all ways of the attempt, including those that are proven or closed.
        needed: how many methods the policy and the worker ask for.
        now: the time of the page.
    """
    done = {offer.kind for offer in offers if offer.proven}
    page = _make_page(attempt) | {"form": form, "proven": len(done), "only": len(form.offers) == 1}
    page["offers"] = [_make_offer(offer, now, done=offer.kind in done) for offer in offers]
    # The worker may want one more than that, for example because mail alone never suffices.
    return page | {"needed": max(needed, len(done) + 1)}


def code_page(
    attempt: Attempt, form: CodeForm, offer: Offer, *, others: bool, sent: bool, now: datetime
) -> dict[str, Any]:
    """Return what the page for typing a code shows.

    Args:
        attempt: an open attempt with something left to prove.
        form: the form for the code.
        offer: the way that was chosen.
        others: True if another way could be chosen.
        sent: True if a new code was just asked for on this page.
        now: the time of the page.
    """
    page = _make_page(attempt) | {
        "form": form,
        "offer": _make_offer(offer, now),
        "resend_in": resend_in(offer, now),
    }
    page |= {"others": others, "sent": sent, "good_until": good_until(attempt, offer)}
    page |= {"too_old": is_too_old(attempt, offer, now)}
    return page | {"needs_new": needs_new_code(attempt, offer, now)}


def used_up_page(attempt: Attempt, waits: Sequence[int]) -> dict[str, Any]:
    """Return what the page shows if no way that is left takes another try for now.

    Args:
        attempt: the attempt.
        waits: for each closed way, the seconds for which it is closed.
    """
    wait = min(waits, default=1)  # the last of them may have opened a moment ago
    return {"title": _("No more tries for now"), "attempt": attempt, "wait": say_wait(wait)}


def ended_page(
    attempt: Attempt | None, sentence: str, *, again: bool = True, reference: str = ""
) -> dict[str, Any]:
    """Return what the page shows if an attempt can't go on.

    Args:
        attempt: the attempt; None if there is none, or it is not this browser's.
        sentence: why it can't go on.
        again: False if another attempt would end in the same way.
        reference: the reference for the helpdesk, if there is no attempt that has one.
    """
    start = reverse(site_map().begin[attempt.operation] if attempt else site_map().home)
    return {
        "title": _("Start again") if again else _("This can't go on"),
        "sentence": sentence,
        "start_url": start if again else "",
        "reference": attempt.reference if attempt else reference,
    }


def why_over(attempt: Attempt, now: datetime | None = None) -> str:
    """Return why an attempt can't go on, if its time is over or the worker has ended it."""
    if not attempt.was_left(now):
        return str(SENTENCES[Outcome.ATTEMPT_GONE])
    said = ngettext(
        "This attempt ended because nothing was done in it for %(minutes)d minute. Nothing was changed.",
        "This attempt ended because nothing was done in it for %(minutes)d minutes. Nothing was changed.",
        attempt.idle // 60,
    )
    return said % {"minutes": attempt.idle // 60}


def _make_page(attempt: Attempt) -> dict[str, Any]:
    """Return what both pages show; a person who sets up ways sees no count of four steps."""
    road = {} if attempt.operation == Operation.REGISTER else {"step": 2, "steps": 4}
    return {"title": _("Prove it's you"), "attempt": attempt, **road}


def _make_offer(offer: Offer, now: datetime, *, done: bool = False) -> dict[str, Any]:
    method = METHODS[MethodKind(offer.kind)]
    shown = {"handle": offer.handle, "kind": offer.kind, "hint": offer.hint, "done": done}
    shown |= {"title": method.title, "icon": method.icon, "minutes": method.minutes}
    shown |= {"help": method.help, "sent_again": method.sent_again}
    shown["closed"] = say_wait(seconds) if (seconds := seconds_closed(offer, now)) and not done else ""
    return shown | {"digits": method.digits if method.numeric else 0, "sends": method.sends}
