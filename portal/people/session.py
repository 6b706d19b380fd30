"""The person who is signed in to /register/; the worker has checked their password for one attempt."""

import functools
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from portal.dispatch.next_page import lead_with_messages
from portal.people.models import Account
from portal.throttle.counts import take
from portal.throttle.rates import Rate
from portal.web.site_map import site_map
from portal.web.views import too_many

KEY = "signed_in"
TRACE_LASTS = 12 * 3600  # seconds: for people who come back later on the same day
# Almost every page is a job; one person must not use up the jobs that a worker takes in a minute.
RATES = (Rate(60, 60),)
P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class SignedInPerson:
    """A sign-in as the session keeps it.

    Args:
        account: primary key of the mirror.
        display_name: what to call the person.
        site: the site that has checked the password.
        attempt: the worker's attempt id, in hex.
        public_id: id of the portal's own attempt row.
        reference: the reference for the helpdesk.
        until: Unix time at which the worker's attempt ends.
        since: Unix time of the sign-in.
    """

    account: int
    display_name: str
    site: str
    attempt: str
    public_id: str
    reference: str
    until: int
    since: float

    @property
    def attempt_id(self) -> bytes:
        return bytes.fromhex(self.attempt)


class SignInEnd(StrEnum):
    """Why a sign-in is over."""

    PASSWORD_SET = "password-set"  # noqa: S105
    TIME = "time"
    TOLD_BY_WORKER = "told-by-worker"  # the worker gives no reason


SIGN_IN_ENDS: dict[SignInEnd, str] = {
    SignInEnd.PASSWORD_SET: gettext_noop(
        "Your sign-in to set up ways to prove it's you is over, because your password was set or your "
        "account was unlocked meanwhile."
    ),
    SignInEnd.TIME: gettext_noop(
        "Your sign-in to set up ways to prove it's you is over: it ends after 15 minutes without you, "
        "and after an hour in any case."
    ),
    SignInEnd.TOLD_BY_WORKER: gettext_noop(
        "Your sign-in to set up ways to prove it's you is over: it ends after 15 minutes without you, after "
        "an hour, and when your password is set or your account is unlocked."
    ),
}


class SignInOverError(Exception):
    """The worker has ended the sign-in; the page leads to a new one, and says why."""


def sign_in(request: HttpRequest, person: SignedInPerson) -> None:
    """Bind a sign-in to this session under a fresh key."""
    request.session.flush()
    request.session[KEY] = asdict(person)


def sign_out(request: HttpRequest) -> None:
    """Delete the session and everything in it."""
    request.session.flush()


def current(request: HttpRequest) -> SignedInPerson | None:
    """Return the signed-in person, or None if nobody is signed in or the sign-in is over."""
    kept = request.session.get(KEY)
    if not kept or kept["until"] <= timezone.now().timestamp():
        return None
    if kept.keys() != {field.name for field in fields(SignedInPerson)}:
        return None  # of an older version
    person = SignedInPerson(**kept)
    return None if _was_ended(person) else person


def leave_trace(response: HttpResponse) -> HttpResponse:
    """Set a cookie that says that somebody was signed in, since an expired session says nothing.

    The cookie has nothing about the person.
    """
    secure: bool = settings.SESSION_COOKIE_SECURE
    response.set_cookie(_name_trace(), "1", max_age=TRACE_LASTS, secure=secure, httponly=True, samesite="Lax")
    return response


def forget_trace(response: HttpResponse) -> HttpResponse:
    """Delete the cookie that says that somebody was signed in."""
    response.delete_cookie(_name_trace(), samesite="Lax")
    return response


def lead_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page, which says what is over and why, what was kept, and what was not done."""
    was_in = KEY in request.session or bool(request.COOKIES.get(_name_trace()))
    if request.method != "POST" and not was_in and request.path == reverse(site_map().ways):
        return redirect(site_map().sign_in)  # the front door
    why = _find_why_over(request) if was_in else None
    messages = signed_out_messages(why, posted=request.method == "POST")
    request.session.flush()
    return forget_trace(lead_with_messages(request, site_map().sign_in, *messages))


def signed_out_messages(why: SignInEnd | None, *, posted: bool) -> list[str]:
    """Return what the sign-in page has to say to somebody who must sign in to go on, untranslated.

    Args:
        why: their sign-in is over; None for somebody who was not signed in here.
        posted: they have sent something, which was not done.
    """
    messages = [SIGN_IN_ENDS[why] if why else gettext_noop("You aren't signed in here, or not any more.")]
    if posted:
        messages.append(gettext_noop("What you sent last was not done."))
    if why:
        messages.append(
            gettext_noop("What you had confirmed before is kept; what you hadn't has to be added again.")
        )
    messages.append(gettext_noop("Sign in again to go on.") if why else gettext_noop("Sign in to go on."))
    return messages


def _name_trace() -> str:
    return "__Host-keyback-was-in" if settings.SESSION_COOKIE_SECURE else "keyback-was-in"


def _find_why_over(request: HttpRequest) -> SignInEnd:
    kept, now = request.session.get(KEY), timezone.now().timestamp()
    if kept and _was_ended(SignedInPerson(**kept)):
        return SignInEnd.PASSWORD_SET
    return SignInEnd.TIME if not kept or kept["until"] <= now else SignInEnd.TOLD_BY_WORKER


def _was_ended(person: SignedInPerson) -> bool:
    ended = Account.objects.filter(pk=person.account).values_list("signed_out", flat=True).first()
    return bool(ended and person.since <= ended.timestamp())


def for_signed_in(
    view: Callable[Concatenate[HttpRequest, SignedInPerson, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Pass the signed-in person to the view, at a limited rate; redirect everybody else to the sign-in page.

    That page tells people whose sign-in is over, even if the worker finds that out within the view.
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
