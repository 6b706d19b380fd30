"""A lock for each account that does not lock out its owner: a stranger's wrong guess delays only strangers.

Failures are counted for an account and a kind of place: a browser that has signed in to it before, an address
that has, or all strangers together.
Source: OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from portal.throttle.browser import browser_of, name_browser
from portal.throttle.flows import Ticket, give_back, make_known, take_shares
from portal.throttle.models import Lock
from portal.throttle.places import ADMIN, admin_levels
from portal.throttle.queries import is_known, lock_key
from portal.throttle.rules import is_forgotten, seconds_locked
from portal.web import client


class Place(StrEnum):
    """The kind of place from which somebody signs in to an account."""

    BROWSER = "browser"
    ADDRESS = "address"
    STRANGER = "stranger"


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try to sign in.

    Args:
        account: the user name as typed, folded.
        place: the kind of place.
        key: key of the lock.
        wait: seconds until the next try; 0 if this one may go on.
        locked: True if the account has to wait; else it is the address, the network, or everybody.
        ticket: what the try took from the shares.
    """

    account: str
    place: Place
    key: str
    wait: int
    locked: bool
    ticket: Ticket


def begin_try(request: HttpRequest, name: str) -> Try:
    """Count a failed sign-in in advance, unless the account or the address has to wait.

    Args:
        request: request of the browser that signs in.
        name: the user name as typed, whether such an account exists or not.
    """
    account = " ".join(name.split()).casefold()
    place, key = _find_place(request, account)
    ticket = take_shares(admin_levels(request), known=place is Place.BROWSER, challenges=False)
    wait, locked = ticket.verdict.wait, False
    if not wait:
        wait = _count(key)
        locked = bool(wait)
    return Try(account=account, place=place, key=key, wait=wait, locked=locked, ticket=ticket)


def complete_try(request: HttpRequest, done: Try) -> None:
    """Take back the counted failure, and remember this browser and this address for the account."""
    give_back(done.ticket, kind=ADMIN)
    with transaction.atomic():
        lock = Lock.objects.select_for_update().filter(key=done.key).first()
        if lock:
            # Failures of strangers stay counted even if the owner once signed in as one of them.
            lock.failures = max(0, lock.failures - 1) if done.place is Place.STRANGER else 0
            lock.save(update_fields=["failures", "updated"])
    make_known(_name_purpose(done.account), f"browser {name_browser(request)}")
    make_known(_name_purpose(done.account), f"address {client.network(request)}")


def has_signed_in_here(request: HttpRequest, name: str) -> bool:
    """Tell whether this browser has been used to sign in to this account before."""
    return _find_place(request, " ".join(name.split()).casefold())[0] is Place.BROWSER


def _find_place(request: HttpRequest, account: str) -> tuple[Place, str]:
    browser, address = browser_of(request), client.network(request)
    if browser and is_known(_name_purpose(account), f"browser {browser}"):
        return Place.BROWSER, lock_key(f"{account}\nbrowser {browser}")
    if is_known(_name_purpose(account), f"address {address}"):
        return Place.ADDRESS, lock_key(f"{account}\naddress {address}")
    return Place.STRANGER, lock_key(f"{account}\nstrangers")


def _name_purpose(account: str) -> str:
    return f"admin {account}"


def _count(key: str) -> int:
    now = timezone.now().timestamp()
    with transaction.atomic():
        Lock.objects.get_or_create(key=key)
        lock = Lock.objects.select_for_update().get(key=key)
        wait = seconds_locked(lock.failures, lock.last, now)
        if not wait:
            lock.failures = 1 if is_forgotten(lock.last, now) else lock.failures + 1
            lock.last = now
            lock.save(update_fields=["failures", "last", "updated"])
    return wait
