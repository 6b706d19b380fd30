"""The door before pages that begin something: it admits a form, sets a challenge, or says when to retry."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.throttle.browser import name_browser
from portal.throttle.challenge import Challenge, is_solved, make_challenge, read_challenge
from portal.throttle.counts import take
from portal.throttle.flows import Ticket, give_back, make_known, take_shares
from portal.throttle.places import PASSWORD, password_levels, start_levels
from portal.throttle.queries import is_known, pressure
from portal.throttle.rates import Rate
from portal.throttle.rules import Scope, Verdict
from portal.throttle.signals import turned_away
from portal.web import client
from portal.web.waits import say_wait

PEOPLE = "people"
# A program can wait for free, so only a few requests are let in for having waited.
WAITED_AT_ADDRESS, WAITED_IN_NETWORK = (Rate(6, 600),), (Rate(30, 600),)


class Door:
    """The door before one page, for one request.

    Args:
        request: the request.
        asks_password: True if the form has a work password; a wrong one counts for the whole site.
    """

    def __init__(self, request: HttpRequest, *, asks_password: bool = False) -> None:
        self._request = request
        self._asks_password = asks_password
        self._browser = name_browser(request)
        self._levels = start_levels(request) + (password_levels(request) if asks_password else [])
        self._known = is_known(PEOPLE, self._browser)
        self._ticket = Ticket(verdict=Verdict())
        self._shown: Challenge | None = None
        self._wait = 0
        self._now = timezone.now().timestamp()

    def lets_in(self, form: Form) -> bool:
        """Take a place for a complete form; if there is none, the form gets an error that says why.

        A challenge appears on the page without an error: with a script it is solved by itself.
        """
        brought = read_challenge(self._request.POST.get("challenge", ""), self._browser, now=self._now)
        nonce = brought.nonce if brought and self._is_earned(brought) else ""
        self._ticket = take_shares(self._levels, known=self._known, nonce=nonce)
        verdict = self._ticket.verdict
        if verdict.wait:
            self._refuse(form, verdict)
        elif verdict.pressure is not None:
            self._challenge(form, None if nonce else brought, verdict.pressure)
        return verdict.granted

    def take_back_failure(self) -> None:
        """Take back the wrong password that was counted in advance: it was right, or was not checked."""
        give_back(self._ticket, kind=PASSWORD)

    def page(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """Return the page; its form keeps the typed values except passwords."""
        closed, form = context["closed"], context["form"]
        status = 503 if closed else 429 if self._wait else 422 if form.errors else 200
        context |= {"challenge": None if closed else self._challenge_to_show()}
        context |= {"goes_on": bool(self._shown and form.is_bound and not self._asks_password)}
        response = render(self._request, template, context, status=status)
        if status == 429:
            response["Retry-After"] = str(self._wait)
        return response

    def _challenge_to_show(self) -> Challenge | None:
        """Return the challenge for this response; a page that is opened under pressure has one at once."""
        if self._shown or self._wait or self._known:
            return self._shown
        now = pressure(self._levels)
        return None if now is None else self._make(now)

    def _make(self, hard: float) -> Challenge:
        return make_challenge(self._browser, pressure=hard, now=self._now)

    def _is_earned(self, challenge: Challenge) -> bool:
        if is_solved(challenge, self._request.POST.get("solution", "")):
            return True
        if challenge.wait:
            return False
        address, wide = client.network(self._request), client.wide_network(self._request)
        return not (
            take("waited", address, rates=WAITED_AT_ADDRESS) or take("waited", wide, rates=WAITED_IN_NETWORK)
        )

    def _challenge(self, form: Form, brought: Challenge | None, hard: float) -> None:
        self._shown = brought if brought and brought.wait else self._make(hard)
        self._wait = self._shown.wait
        if brought:
            said = _("That was too soon.")
            form.add_error(None, ValidationError(f"{said} {say_wait(self._wait)}", code="too-soon"))
        elif self._asks_password:
            said = _("Many people are asking at this moment. Type your password once more and send it again.")
            form.add_error(None, ValidationError(said, code="again"))

    def _refuse(self, form: Form, verdict: Verdict) -> None:
        self._wait = verdict.wait
        form.add_error(
            None, ValidationError(f"{_explain(verdict)} {say_wait(verdict.wait)}", code="throttled")
        )
        if verdict.at:
            turned_away.send(Door, request=self._request, what=verdict.at.kind, scope=verdict.at.scope.value)


def remember_browser(request: HttpRequest, *, person: str) -> None:
    """Remember the browser of somebody who has completed something: from now on it precedes strangers."""
    make_known(PEOPLE, name_browser(request), person=person)


def _explain(verdict: Verdict) -> str:
    scope = verdict.at.scope if verdict.at else Scope.ALL
    if verdict.at and verdict.at.kind == PASSWORD:
        return _explain_wrong_passwords(scope)
    if scope is Scope.BROWSER:
        return _("You have started very often in the last minutes.")
    if scope is Scope.ALL:
        return _("Too many people are asking right now.")
    return _("There were too many requests from your network.")


def _explain_wrong_passwords(scope: Scope) -> str:
    if scope is Scope.BROWSER:
        return _("You have typed wrong passwords very often in the last minutes.")
    if scope is Scope.ALL:
        return _("Too many wrong passwords were tried lately. So that no account gets locked, we stop here.")
    return _(
        "Too many wrong passwords were tried from your network lately, perhaps by others in it. So that no "
        "account gets locked, we stop here."
    )
