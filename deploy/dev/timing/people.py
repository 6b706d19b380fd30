"""Makes people of each kind in the forest and in the worker's register; each is typed as a mail address."""

import secrets
from collections.abc import Iterator

from deploy.dev.bench.people import Registrar
from deploy.dev.lab import Lab, Person
from deploy.dev.lab.accounts import DISABLED, NORMAL, Directory
from deploy.dev.lab.cast import OPERATORS
from deploy.dev.timing.kinds import Kind

LONG_AGO = 3 * 86400
"""Age in seconds of most people's ways: older than the cooldown of a new one."""


class Populace:
    """Makes people; the names of all kinds have the same length, as pages repeat them."""

    def __init__(self, lab: Lab, registrar: Registrar) -> None:
        """Use an open forest and an open register."""
        self._lab, self._registrar = lab, registrar

    def name_of(self, kind: Kind) -> str:
        """Make the people that a kind needs, and return the name to type."""
        address = f"t-{secrets.token_hex(5)}@{self._lab.identity.domain}"
        for person in self._make_people(kind, address):
            if kind is not Kind.UNREGISTERED:
                self._registrar.register(person, age=0 if kind is Kind.RESTING else LONG_AGO)
            if kind is Kind.LOCKED:
                self._lab.set_locked(person)
            if kind is Kind.DISABLED:
                self._disable(person)
        return address

    def _make_people(self, kind: Kind, address: str) -> Iterator[Person]:
        if kind is Kind.UNKNOWN:
            return
        ou = "Outside" if kind is Kind.OUTSIDE else "Staff"
        groups = [OPERATORS] if kind is Kind.PROTECTED else []
        for _ in range(2 if kind is Kind.AMBIGUOUS else 1):
            yield self._lab.add_person(mail=address, ou=ou, groups=groups)

    def _disable(self, person: Person) -> None:
        with self._lab.admin() as connection:
            Directory(connection).replace(person.dn, {"userAccountControl": str(NORMAL | DISABLED)})
