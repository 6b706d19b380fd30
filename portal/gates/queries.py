"""Reads the policy, and how far an attempt has got."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.db.models import QuerySet
from django.utils import timezone

from portal.dispatch.models import Site
from portal.dispatch.queries import paired_sites
from portal.gates.models import Attempt, Offer, Policy
from portal.gates.rules import RESEND_AFTER, Needed, Position, Step, next_step
from portal.methods.registry import METHODS
from portal.web.queries import find_one
from writeback.envelope.methods import FAMILY_OF, MethodKind


def sites() -> list[str]:
    """Return the sites at which people can be looked up: none or one, as several are never used."""
    return paired_sites()


def is_switched_off() -> bool:
    """Tell whether there are paired sites, all of them switched off."""
    return Site.objects.exists() and not Site.objects.filter(enabled=True).exists()


def policy() -> Policy:
    """Return the policy; its defaults if nobody has saved one."""
    return find_one(Policy.objects.filter(pk=1)) or Policy(pk=1)


def offers(attempt: Attempt, rules: Policy) -> list[Offer]:
    """Return those of the worker's offers that the policy allows."""
    return list(_filter_offers(attempt, rules))


def _filter_offers(attempt: Attempt, rules: Policy) -> "QuerySet[Offer]":
    return attempt.offers.filter(kind__in=rules.methods)


def needed(attempt: Attempt, rules: Policy) -> Needed:
    """Return how many proofs an attempt needs: as many as the worker asks for, or more if the policy does."""
    methods = max(attempt.methods_needed, rules.gates_for(attempt.operation))
    return Needed(methods=methods, families=attempt.families_needed)


def step_of(attempt: Attempt) -> Step:
    """Return what comes next in an attempt, under the current policy."""
    rules = policy()
    if attempt.state == Attempt.State.OPEN and not rules.allows(attempt.operation):
        return Step.OVER
    rows = _filter_offers(attempt, rules).order_by().values_list("kind", "proven", "closed_until")
    there = [(MethodKind(kind), proven, _is_future(until)) for kind, proven, until in rows]
    position = Position(
        proven=frozenset(kind for kind, proven, _ in there if proven),
        open_kinds=frozenset(kind for kind, proven, closed in there if not (proven or closed)),
        closed_kinds=frozenset(kind for kind, proven, closed in there if closed and not proven),
        enough=attempt.enough,
        state=attempt.state,
        expired=attempt.is_expired(),
    )
    return next_step(position, needed(attempt, rules), FAMILY_OF)


def list_ways_to_prove(attempt: Attempt) -> list[Offer]:
    """Return the offers that can be proven now: those that are open and of a kind not proven yet."""
    return pick_ways_to_prove(offers(attempt, policy()))


def pick_ways_to_prove(there: Sequence[Offer], now: datetime | None = None) -> list[Offer]:
    """Return which of an attempt's offers can be proven; see `list_ways_to_prove`."""
    done = {offer.kind for offer in there if offer.proven}
    return [offer for offer in there if offer.kind not in done and not seconds_closed(offer, now)]


def find_offer(attempt: Attempt, handle: str) -> Offer | None:
    """Return the offer with this handle, if it can still be proven; else None."""
    return next((offer for offer in list_ways_to_prove(attempt) if offer.handle == handle), None)


def good_until(attempt: Attempt, offer: Offer) -> datetime | None:
    """Return until when the last code is good; None if no code was asked for, or the method sends none.

    The time is counted from the moment when the portal asked for the code, so it reveals nothing about the
    person.
    """
    if offer.sent is None or not METHODS[MethodKind(offer.kind)].sends:
        return None
    return offer.sent + timedelta(seconds=attempt.code_life)


def is_too_old(attempt: Attempt, offer: Offer, now: datetime | None = None) -> bool:
    """Tell whether the last code has expired."""
    until = good_until(attempt, offer)
    return until is not None and (now or timezone.now()) >= until


def seconds_closed(offer: Offer, now: datetime | None = None) -> int:
    """Return the seconds for which a way takes no more tries; 0 if it is open."""
    left = (offer.closed_until - (now or timezone.now())).total_seconds() if offer.closed_until else 0
    return max(0, ceil(left))


def _is_future(instant: datetime | None) -> bool:
    return instant is not None and instant > timezone.now()


def needs_new_code(attempt: Attempt, offer: Offer, now: datetime | None = None) -> bool:
    """Tell whether the last code can't be typed any more: it has expired, or wrong tries have used it up."""
    return is_too_old(attempt, offer, now) or offer.used_up


def resend_in(offer: Offer, now: datetime | None = None) -> int:
    """Return the seconds until another code may be sent; 0 if it may be sent now."""
    if offer.sent is None:
        return 0
    left = offer.sent + timedelta(seconds=RESEND_AFTER) - (now or timezone.now())
    return max(0, int(left.total_seconds()) + 1)
