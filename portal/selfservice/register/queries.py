"""Reading what the page of one's own ways needs; what it makes of it stands in pages.py."""

from typing import Any

from portal.gates.queries import policy
from portal.methods.queries import labels
from portal.people.session import SignedInPerson
from portal.selfservice.register.pages import ways_page
from writeback.envelope.answers import FactorList


def read_ways_page(person: SignedInPerson, told: FactorList, said: str) -> dict[str, Any]:
    """Return what the page of one's own ways shows now.

    Args:
        person: who is signed in.
        told: what the worker tells of them.
        said: what has just been done.
    """
    return ways_page(person, told, labels=labels(person), allowed=policy().methods, said=said)
