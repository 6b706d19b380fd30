"""Finds mail addresses in the directory that can't be used: whose they are, and how many."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from writeback.directory.attributes import text
from writeback.directory.connection import NO_SUCH_OBJECT, SUBTREE, SUCCESS, Broken, Link
from writeback.envelope.addresses import AddressFault, UnusableAddress, check_address

PAGE, PATIENCE = 500, 20
"""Entries on one page, and seconds that a page may take."""
_ANYBODY = "(&(objectCategory=person)(objectClass=user))"


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """What was found about the mail addresses of the people below a base.

    Args:
        people: how many people were looked at.
        without: how many of them have no address.
        unusable: DN and fault of each unusable address.
    """

    people: int
    without: int
    unusable: Sequence[tuple[str, AddressFault]]


def mailboxes(link: Link, base: str, *, most: int) -> Mailboxes:
    """Look at the mail addresses of everybody below a base.

    Args:
        link: to a controller.
        base: DN.
        most: after this many people it stops at the end of a page.

    Raises:
        Broken: a page could not be read.
    """
    people = without = 0
    unusable: list[tuple[str, AddressFault]] = []
    for dn, mail in _all(link, base, most):
        people += 1
        without += not mail.strip()
        fault = _fault(mail)
        unusable += [(dn, fault)] if fault else []
    return Mailboxes(people=people, without=without, unusable=unusable)


def _fault(mail: str) -> AddressFault | None:
    try:
        if mail.strip():
            check_address(mail)
    except UnusableAddress as error:
        return error.fault
    return None


def _all(link: Link, base: str, most: int) -> Iterator[tuple[str, str]]:
    cookie, count = b"", 0
    while count < most:
        link.deadline = time.monotonic() + PATIENCE
        reply, found = link.search(base, _ANYBODY, ["mail"], scope=SUBTREE, page=(PAGE, cookie))
        if reply.result not in (SUCCESS, NO_SUCH_OBJECT):
            raise Broken(f"{base} can't be searched: {reply}")
        yield from ((text(entry, "dn"), text(entry, "mail")) for entry in found)
        count, cookie = count + len(found), reply.cookie
        if not cookie:
            return
