"""Who is signed in to /register/: a person whose password the worker has checked, within one attempt."""

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.people.models import Account
from portal.web.again import lead_saying
from portal.web.flows import take
from portal.web.rules import Rate
from portal.web.views import too_many

KEY = "signed_in"
# Almost every page of theirs is a job; one person must not use up what a worker takes in a minute.
RATES = (Rate(60, 60),)
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class SignedInPerson:
    """What the session keeps of a sign-in.

    Args:
        account: primary key of the mirror.
        display_name: what to call the person.
        attempt: the worker's attempt id, in hex.
        public_id: of the portal's own attempt row.
        reference: as read out to the helpdesk.
        until: Unix time at which the worker's attempt ends.
        since: Unix time of the sign-in.
    """

    account: int
    display_name: str
    directory: str
    attempt: str
    public_id: str
    reference: str
    until: int
    since: float

    @property
    def attempt_id(self) -> bytes:
        return bytes.fromhex(self.attempt)


class SignInOverError(Exception):
    """The worker has ended the sign-in; the page leads to a new one, and says why."""


def sign_in(request: HttpRequest, person: SignedInPerson) -> None:
    """Bind a sign-in to this session under a fresh key."""
    request.session.flush()
    request.session[KEY] = asdict(person)


def sign_out(request: HttpRequest) -> None:
    """Forget the session and all that is in it."""
    request.session.flush()


def current(request: HttpRequest) -> SignedInPerson | None:
    """Return who is signed in, or None where nobody is or the sign-in is over."""
    kept = request.session.get(KEY)
    if not kept or kept["until"] <= timezone.now().timestamp():
        return None
    person = SignedInPerson(**kept)
    ended = Account.objects.filter(pk=person.account).values_list("signed_out", flat=True).first()
    return None if ended and person.since <= ended.timestamp() else person


def lead_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page; who was signed in is told that it is over, and why."""
    if KEY not in request.session:
        return redirect("sign-in")
    request.session.flush()
    said = _(
        "You were signed out. A sign-in ends after 15 minutes without you, after an hour, and when your "
        "password is set or your account is unlocked. Sign in again to go on."
    )
    return lead_saying(request, "sign-in", said)


def for_signed_in(
    view: Callable[Concatenate[HttpRequest, SignedInPerson, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Give the view the person who is signed in, only so often; lead everybody else to the sign-in page.

    There somebody whose sign-in is over is told so, also where the worker finds that out within the view.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        person = current(request)
        if person is None:
            return lead_to_sign_in(request)
        wait = take("signed-in", str(person.account), rates=RATES)
        try:
            return too_many(request, wait) if wait else view(request, person, *args, **kwargs)
        except SignInOverError:
            return lead_to_sign_in(request)

    return guarded
