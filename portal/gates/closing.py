"""Closes ways of an attempt that take no more tries for now, so that no page leads back to them."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from portal.gates.models import Attempt, Offer
from portal.gates.rules import TRIES
from portal.throttle.counts import wait_of
from writeback.envelope.answers import Answer, Outcome, Wait

USED_UP = {Outcome.TOO_MANY_TRIES, Outcome.LIMIT_REACHED}


def close_used_up(attempt: Attempt, offer: Offer, answer: Answer | None) -> None:
    """Close a way for which the worker takes no more tries for now, or all ways if the attempt is used up."""
    if answer and answer.outcome in USED_UP and isinstance(answer.facts, Wait):
        _close(attempt.offers.filter(pk=offer.pk), answer.facts.seconds)
    if answer and answer.outcome is Outcome.CODE_EXPIRED:
        # This is about the code that had been sent before: another one may have been sent meanwhile.
        attempt.offers.filter(pk=offer.pk, sent=offer.sent).update(used_up=True)
    spent = wait_of("tries", attempt.public_id, rates=TRIES)
    if spent:
        _close(attempt.offers.all(), spent)


def reopen(attempt: Attempt) -> None:
    """Open all ways of an attempt again: after a proof, the worker counts tries at the others from zero."""
    attempt.offers.update(closed_until=None)


def _close(which: "QuerySet[Offer]", seconds: int) -> None:
    which.update(closed_until=timezone.now() + timedelta(seconds=seconds))
