"""Reads and verifies the chain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from portal.audit.models import Event, Head, Receipt
from portal.audit.rules import GENESIS
from portal.web.queries import find_one


@dataclass(frozen=True)
class Verdict:
    """The result of verifying the chain.

    Args:
        events: how many events were checked.
        head: hash of the last one.
        broken_at: number of the first event that is wrong or missing; 0 if all is well.
        why: one English sentence; empty if all is well.
        is_not_as_seen: True if the chain is consistent in itself, but is not the one that was seen.
    """

    events: int
    head: str
    broken_at: int = 0
    why: str = ""
    is_not_as_seen: bool = False


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An end of the chain that a site has seen.

    Args:
        site: the site's name.
        at: the time.
        number, hash: number and hash (hex) of the last event at that time.
    """

    site: str
    at: datetime
    number: int
    hash: str

    def __str__(self) -> str:
        return f"the site {self.site} on {self.at:%Y-%m-%d at %H:%M} UTC"


def verify(seen: Sequence[Seen] = ()) -> Verdict:
    """Verify the chain from its first event and stop at the first error.

    Args:
        seen: ends of the chain that were seen earlier, and must still be in it.
    """
    head = _read_head()  # first, since other events may be recorded while these are read
    expected = sorted(seen, key=lambda each: each.number)
    previous, number, fits_until = GENESIS, 0, 0
    for event in Event.objects.filter(number__lte=head.number).order_by("number").iterator():
        number += 1
        wrong = _find_fault(event, number, previous)
        if wrong:
            return Verdict(number - 1, previous, number, wrong)
        while expected and expected[0].number == number:
            other = expected.pop(0)
            if other.hash != event.hash:
                why = _explain_replaced(other, fits_until)
                return Verdict(number - 1, previous, number, why, is_not_as_seen=True)
            fits_until = number
        previous = event.hash
    why = _find_fault_at_end(head, number, previous)
    if why:
        return Verdict(number, previous, number + 1, why)
    if expected:
        return Verdict(number, previous, number + 1, _explain_cut(expected[-1], number), is_not_as_seen=True)
    return Verdict(number, previous)


def verify_end(many: int = 1000) -> Verdict:
    """Verify the newest events only, back from the chain's head; the others are not checked.

    Args:
        many: how many events.
    """
    head = _read_head()
    newest = list(Event.objects.filter(number__lte=head.number).order_by("-number")[:many])
    last, digest = (newest[0].number, newest[0].hash) if newest else (0, GENESIS)
    why = _find_fault_at_end(head, last, digest)
    if why or not newest:
        return Verdict(0, digest, *((last + 1, why) if why else ()))
    is_whole = len(newest) < many
    number, previous = (1, GENESIS) if is_whole else (newest[-1].number, newest[-1].previous)
    for event in reversed(newest):
        wrong = _find_fault(event, number, previous)
        if wrong:
            return Verdict(len(newest), head.hash, number, wrong)
        number, previous = number + 1, event.hash
    return Verdict(len(newest), head.hash)


def _read_head() -> Head:
    return find_one(Head.objects.filter(pk=1)) or Head()


def _find_fault_at_end(head: Head, number: int, digest: str) -> str:
    """Return what is wrong with the end of the chain, including events beyond its head.

    Args:
        head: the chain's head before the events were read.
        number: number of the last event up to the head; 0 for none.
        digest: hash of that event.
    """
    if head.number and not number:
        return "All events are missing."
    if (head.number, head.hash) != (number, digest):
        return f"The chain ends at {number}, but {head.number} were written."
    last = Event.objects.aggregate(last=Max("number"))["last"] or 0
    counted = _read_head().number  # read last, so that it includes events recorded during the check
    return f"The chain ends at {last}, but {counted} were written." if last > counted else ""


def _find_fault(event: Event, number: int, previous: str) -> str:
    if event.number != number:
        return f"Event {number} is missing."
    if event.previous != previous:
        return f"Event {number} doesn't follow the one before it."
    return "" if event.hash == event.right_hash() else f"Event {number} was changed."


def _explain_replaced(seen: Seen, fits_until: int) -> str:
    until = f"up to event {fits_until} all is as it was seen" if fits_until else "nothing before it was seen"
    return f"Event {seen.number} is not the one that {seen} has seen; {until}. The rest was written anew."


def _explain_cut(seen: Seen, number: int) -> str:
    return (
        f"The chain ends at {number}, but {seen} has seen event {seen.number}: "
        f"events {number + 1} to {seen.number} were removed."
    )


def end_of_chain() -> tuple[int, str]:
    """Return the number and the hash of the last event, from the chain's head."""
    head = _read_head()
    return head.number, head.hash if head.number else ""


def hash_of(number: int) -> str:
    """Return the hash of the event with this number; empty if there is none."""
    return Event.objects.filter(number=number).values_list("hash", flat=True).first() or ""


def receipts(site: str) -> list[Receipt]:
    """Return the receipts of a site, oldest first; the caller must check their signatures."""
    return list(Receipt.objects.filter(site=site))
