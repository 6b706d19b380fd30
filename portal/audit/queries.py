"""Reading the chain."""

from dataclasses import dataclass

from portal.audit.models import Event, Head
from portal.audit.rules import GENESIS
from portal.web.queries import only


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found.

    Args:
        events: how many were looked at.
        head: hash of the last one.
        broken_at: number of the first event that is wrong or missing; 0 if all is well.
        why: one English sentence; empty if all is well.
    """

    events: int
    head: str
    broken_at: int = 0
    why: str = ""


def verify() -> Verdict:
    """Walk the chain from its first event and stop at the first fault."""
    previous, number = GENESIS, 0
    for event in Event.objects.order_by("number").iterator():
        number += 1
        if event.number != number:
            return Verdict(number - 1, previous, number, f"Event {number} is missing.")
        if event.previous != previous:
            return Verdict(number - 1, previous, number, f"Event {number} doesn't follow the one before it.")
        if event.hash != event.right_hash():
            return Verdict(number - 1, previous, number, f"Event {number} was changed.")
        previous = event.hash
    head = only(Head.objects.filter(pk=1)) or Head()
    if (head.number, head.hash) != (number, previous):
        return Verdict(
            number, previous, number + 1, f"The chain ends at {number}, but {head.number} were written."
        )
    return Verdict(number, previous)
