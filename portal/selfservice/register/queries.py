"""Reads what the page of a person's ways needs; pages.py says what it shows of it."""

from typing import Any

from portal.gates.queries import policy
from portal.methods.queries import labels
from portal.people.session import SignedInPerson
from portal.selfservice.register.pages import ways_page
from writeback.envelope.answers import FactorList


def read_ways_page(person: SignedInPerson, listed: FactorList, said: str) -> dict[str, Any]:
    """Return what the page of a person's ways shows now.

    Args:
        person: the person who is signed in.
        listed: the list from the worker.
        said: a message about what has just been done; may be empty.
    """
    return ways_page(person, listed, labels=labels(person), allowed=policy().methods, said=said)
