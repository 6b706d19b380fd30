"""The three ways to reset a password that the bench compares."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

from django.urls import reverse

from deploy.dev.bench.bare import BareClient
from deploy.dev.bench.people import SITE, Registrar
from deploy.dev.demo.walker import Page, Walker
from deploy.dev.lab import LabError, Person
from portal.dispatch.flows import Reply, ask
from portal.gates.models import Attempt
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import ResetPassword
from writeback.envelope.secret import Secret


@dataclass
class Reset:
    """One prepared reset.

    Args:
        act: the timed call; returns its result.
        judge: checks the result afterwards; returns what is wrong, or "".
    """

    act: Callable[[], object]
    judge: Callable[[object], str]
    came: object = field(default=None, init=False)

    def run(self) -> None:
        """Do it, and keep the result."""
        self.came = self.act()

    def check(self) -> None:
        """Check the result.

        Raises:
            LabError: there is no new password.
        """
        wrong = self.judge(self.came)
        if wrong:
            raise LabError(wrong)


class NewPasswordPage:
    """The open page on which somebody types the new password."""

    def __init__(self, base: str, path: str, cookie: str) -> None:
        """Open it."""
        self._walker, self._path = Walker(base, cookie=cookie, lasting=True), path
        self._token = self._walker.fetch(path).token

    def submit(self, new: str) -> Page:
        """Send the new password, and return the final page."""
        fields = {"csrfmiddlewaretoken": self._token, "new": new, "confirm": new}
        return self._walker.follow(self._walker.send(self._path, fields))

    def close(self) -> None:
        """Leave."""
        self._walker.close()


@dataclass(frozen=True)
class Sides:
    """Prepares resets.

    Args:
        base: the portal's address, such as "http://localhost:8000".
    """

    base: str
    registrar: Registrar
    bare: BareClient

    def by_ldap(self, person: Person) -> Reset:
        """Prepare a reset with an LDAP client alone."""
        return Reset(partial(self.bare.reset, person, fresh_password()), judge=lambda _: "")

    def by_road(self, person: Person) -> Reset:
        """Prepare a reset over the whole road, from the portal's flows to the directory."""
        attempt = self.registrar.begin_proven(person).attempt.attempt_id
        job = ResetPassword(site=SITE, locale="en", attempt=attempt)
        return Reset(partial(ask, job, passwords=(Secret(fresh_password()),)), judge=_wrong_with_reply)

    def by_web(self, person: Person) -> Reset:
        """Prepare a reset through the pages, from the post of the new password to the final page."""
        proven = self.registrar.begin_proven(person)
        path = reverse("password", args=[proven.attempt.public_id])
        page = NewPasswordPage(self.base, path, proven.cookie)

        def judge(answer: object) -> str:
            page.close()
            state = Attempt.objects.values_list("state", flat=True).get(pk=proven.attempt.pk)
            status = answer.status if isinstance(answer, Page) else None
            well = status == HTTPStatus.OK and state == Attempt.State.DONE
            return "" if well else f"the final page was {status}, and the attempt is {state}"

        return Reset(partial(page.submit, fresh_password()), judge)


def _wrong_with_reply(reply: object) -> str:
    answer = reply.answer if isinstance(reply, Reply) else None
    return "" if answer and answer.outcome is Outcome.DONE else f"the road ended with {answer}"


def fresh_password() -> str:
    """Return a new password that the forest's policy accepts."""
    return f"Bench-{secrets.token_urlsafe(12)}-7a"
