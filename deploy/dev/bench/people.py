"""Makes registered people and proven attempts in bulk, outside the measured time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from sqlalchemy import insert

from deploy.dev.demo.product import Product
from deploy.dev.lab import Lab, LabError, Person
from portal.gates.flows import begin
from portal.gates.models import Attempt
from portal.gates.session import CHOSEN, CURRENT, EARLIER
from portal.web.sessions import SessionStore
from writeback.assembly import build_core
from writeback.cli.common import open_register_context
from writeback.config import load
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind
from writeback.ports import Attempt as WorkersAttempt
from writeback.ports import Owner
from writeback.proof import RegisterContext
from writeback.proof.attempts import mark
from writeback.proof.destination import read_destination
from writeback.proof.factor import Factor
from writeback.proof.factor_rows import load_active, row_of
from writeback.proof.registry import KINDS
from writeback.state.tables import factors

SITE, DIRECTORY = "main", "corp"
PROVEN = (MethodKind.EMAIL, MethodKind.BACKUP_CODES)


@dataclass(frozen=True)
class Proven:
    """An attempt that only lacks the new password, and the cookie of its browser."""

    person: Person
    attempt: Attempt
    cookie: str


class Registrar:
    """Writes rows into the worker's register as registering and proving would."""

    def __init__(self, lab: Lab, context: RegisterContext) -> None:
        """Use an open register."""
        self._lab, self._context = lab, context

    def person(self) -> Person:
        """Return somebody new with a mailbox, an app and backup codes."""
        person = self._lab.add_person()
        self.register(person)
        return person

    def register(self, person: Person, *, age: float = 0.0) -> None:
        """Give somebody a mailbox, an app and backup codes, as if they had set them up `age` seconds ago."""
        then = self._context.now() - age
        with self._context.state.writing() as tx:
            for kind in KINDS.values():
                mailbox = read_destination(kind.channel, person.mail) if kind.channel else None
                factor = Factor(
                    id=os.urandom(16),
                    owner=Owner(directory=DIRECTORY, guid=person.guid),
                    method=kind.method,
                    secret=kind.make(self._context).secret,
                    destination=mailbox,
                    created=then,
                )
                row = row_of(factor, self._context.keys) | {"confirmed": then}
                tx.execute(insert(factors).values(**row))

    def begin(self, person: Person, operation: Operation = Operation.RESET) -> Attempt:
        """Begin an attempt, over the whole road.

        Raises:
            LabError: the attempt was refused.
        """
        attempt = begin(HttpRequest(), operation=operation, name=person.name, site=SITE, locale="en")
        if not isinstance(attempt, Attempt):
            raise LabError(f"no attempt: {attempt.answer}")
        return attempt

    def begin_proven(self, person: Person, operation: Operation = Operation.RESET) -> Proven:
        """Begin an attempt and prove two ways in it."""
        attempt = self.begin(person, operation)
        self.prove(person, attempt)
        return Proven(person, attempt, cookie_of(attempt))

    def prove(self, person: Person, attempt: Attempt) -> None:
        """Mark two ways as proven, on both sides."""
        workers = WorkersAttempt(
            id=attempt.attempt_id,
            directory=DIRECTORY,
            guid=person.guid,
            operation=Operation(attempt.operation),
            decoy=False,
        )
        with self._context.state.writing() as tx:
            for factor in load_active(tx, self._context, workers.owner):
                if factor.method in PROVEN:
                    mark(tx, self._context, workers, factor)
        attempt.offers.filter(kind__in=PROVEN).update(proven=True)
        Attempt.objects.filter(pk=attempt.pk).update(enough=True)

    def notes_waiting(self) -> int:
        """Return how many mails the worker has not sent yet."""
        return build_core(self._context).outbox.count_waiting()


def cookie_of(attempt: Attempt, *, chosen: str = "") -> str:
    """Return the cookie of a browser that has begun an attempt and chosen a way to prove it."""
    session = SessionStore()
    session[CURRENT], session[EARLIER] = attempt.public_id, [attempt.public_id]
    session[CHOSEN] = chosen
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


@contextmanager
def registrar(lab: Lab, product: Product) -> Iterator[Registrar]:
    """Open the register beside the running worker."""
    with open_register_context(load(product.configuration)) as context:
        yield Registrar(lab, context)
