"""Mail addresses in the directory that nothing can be sent to: whose they are, and how many."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from writeback.directory.attributes import text
from writeback.directory.connection import NO_SUCH_OBJECT, SUBTREE, SUCCESS, Broken, Link
from writeback.envelope.addresses import AddressFault, UnusableAddress, check_address

PAGE, PATIENCE = 500, 20
"""Entries of one page, and seconds that it may take."""
_ANYBODY = "(&(objectCategory=person)(objectClass=user))"


@dataclass(frozen=True, kw_only=True)
class Mailboxes:
    """What people below a base have as their mail address.

    Args:
        people: how many were looked at.
        without: of these have none.
        unusable: DN and fault of each whose address can't be sent to.
    """

    people: int
    without: int
    unusable: Sequence[tuple[str, AddressFault]]


def mailboxes(link: Link, base: str, *, most: int) -> Mailboxes:
    """Look at the mail addresses of everybody below a base.

    Args:
        link: to a controller.
        base: DN.
        most: people after whom it stops at the end of a page.

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
