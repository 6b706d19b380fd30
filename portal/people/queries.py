"""Reads accounts."""

from portal.people.models import Account
from portal.web.queries import find_one


def find_account(*, directory: str, guid: bytes) -> Account | None:
    """Return the account of a person of a directory; None if they have never been seen.

    Args:
        directory: its id.
        guid: objectGUID, 16 bytes as AD stores them; empty if it is not known.
    """
    if not guid:
        return None
    return find_one(Account.objects.filter(directory=directory, guid=guid.hex()))
