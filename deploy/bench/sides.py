"""The three ways to reset a password that are held side by side."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from django.urls import reverse

from deploy.bench.bare import BareClient
from deploy.bench.browser import NewPasswordPage
from deploy.bench.people import DIRECTORY, Registrar
from deploy.lab import LabError, Person
from portal.dispatch.flows import ask
from portal.gates.models import Attempt
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import ResetPassword
from writeback.envelope.secret import Secret

Reset = Callable[[], None]


@dataclass(frozen=True)
class Sides:
    """Each of these prepares a reset, and returns the part of it that is timed."""

    port: int
    registrar: Registrar
    bare: BareClient

    def by_ldap(self, person: Person) -> Reset:
        """By an LDAP client alone."""
        return partial(self.bare.reset, person, fresh_password())

    def by_road(self, person: Person) -> Reset:
        """By all that lies between the portal's flows and the directory."""
        attempt = self.registrar.proven(person).attempt.attempt_id
        job = ResetPassword(directory=DIRECTORY, locale="en", attempt=attempt)
        new = Secret(fresh_password())

        def reset() -> None:
            answer = ask(job, passwords=(new,)).answer
            if answer is None or answer.outcome is not Outcome.DONE:
                raise LabError(f"the road ended with {answer}")

        return reset

    def by_web(self, person: Person) -> Reset:
        """By the post of the new password, up to the final page."""
        proven = self.registrar.proven(person)
        path = reverse("password", args=[proven.attempt.public_id])
        page, new = NewPasswordPage(self.port, path, proven.cookie), fresh_password()

        def reset() -> None:
            answer = page.submit(new)
            page.close()
            state = Attempt.objects.values_list("state", flat=True).get(pk=proven.attempt.pk)
            if answer.status != HTTPStatus.OK or state != Attempt.State.DONE:
                raise LabError(f"the final page was {answer.status}, and the attempt is {state}")

        return reset


def fresh_password() -> str:
    """Return a password that nobody has had, and that the forest's policy takes."""
    return f"Bench-{secrets.token_urlsafe(12)}-7a"
