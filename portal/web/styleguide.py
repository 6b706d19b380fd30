"""Every part and every page in every state, for development: no worker, no database, nobody's data."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from portal.web import samples
from portal.web.qr import picture
from portal.web.samples import wrong
from portal.web.styleguide_contexts import (
    ENDS,
    STEP_1,
    STEP_3,
    Context,
    add,
    code,
    password,
    prove,
    result,
    signed_in,
    ways,
    went_wrong,
)

HOME = {"title": "Trouble signing in?", "choices": samples.choices()}
WHO = {"title": "Who are you?", "operation": "reset"} | STEP_1
UNLOCK = {"title": "Unlock your account", "attempt": samples.ATTEMPT, "ends": ENDS} | STEP_3
ENDING = ENDS._replace(now=ENDS.at - timedelta(seconds=110))
CHANGE = {"title": "Change your password", "rules": samples.EVERYBODYS, "general": True, "names": []}
LOCKED = {"unlock_url": "/unlock/", "unlock_label": "Unlock my account"}
SIGN_IN = {"title": "Sign in to set things up", "form": samples.SignIn()}
OLD = "It has expired. Choose a new one here; the old one is still good for this."
SHORT = "Use at least 14 characters. This one has 11."
OVER = "This attempt ended because nothing was done in it for 10 minutes. Nothing was changed."
SIGNED_OUT = (
    "Your sign-in to set up ways to prove it's you is over: it ends after 15 minutes without you, and after "
    "an hour in any case.\n\nWhat you sent last was not done.\n\nWhat you had confirmed before is kept; what "
    "you hadn't has to be added again.\n\nSign in again to go on."
)
TWICE = (
    "This form was sent more than once. Only the first one counted: a different password "
    "typed the second time was not set."
)
DONE = "Your new password is set, and your account is unlocked."

PAGES: dict[str, tuple[str, Context]] = {
    "home": ("selfservice/home.html", HOME),
    "home-signed-out": ("selfservice/home.html", HOME | {"said": "You're signed out."}),
    "home-closed": ("selfservice/home.html", HOME | {"closed": samples.CLOSED}),
    "who": ("selfservice/who.html", WHO | {"form": samples.Name()}),
    "who-empty": ("selfservice/who.html", WHO | {"form": wrong(samples.Name, name="Type your user name.")}),
    "who-challenge": ("selfservice/who.html", WHO | {"form": samples.Name(), "challenge": samples.CHALLENGE}),
    "who-closed": ("selfservice/who.html", {"title": "Reset your password", "closed": samples.CLOSED}),
    "prove": ("gates/prove.html", prove()),
    "prove-none-chosen": ("gates/prove.html", prove(form=wrong(samples.Prove, offer=""))),
    "prove-second": (
        "gates/prove.html",
        prove(proven=1, offers=[samples.OFFERS[0] | {"done": True}, *samples.OFFERS[1:]]),
    ),
    "prove-closed": (
        "gates/prove.html",
        prove(offers=[samples.OFFERS[0] | {"closed": "Wait 15 minutes."}, *samples.OFFERS[1:]]),
    ),
    "prove-only": ("gates/prove.html", prove(offers=samples.OFFERS[:1], needed=1, only=True)),
    "prove-only-second": (
        "gates/prove.html",
        prove(proven=1, offers=[samples.OFFERS[0] | {"done": True}, samples.OFFERS[1]], only=True),
    ),
    "prove-only-of-two": (
        "gates/prove.html",
        prove(
            offers=[each | {"closed": "Wait 15 minutes."} for each in samples.OFFERS[:-1]]
            + [samples.OFFERS[-1]],
            only=True,
        ),
    ),
    "prove-signed-in": ("gates/prove.html", signed_in(prove(offers=samples.KNOWN, needed=1))),
    "used-up": (
        "gates/used_up.html",
        {"title": "No more tries for now", "attempt": samples.ATTEMPT, "wait": "Wait 12 minutes."},
    ),
    "stuck": (
        "selfservice/ended.html",
        {
            "title": "This can't go on",
            "sentence": "The ways that you have set up don't suffice for this.",
            "start_url": "",
            "reference": "K7QM-2XHD",
        },
    ),
    "code-mail": ("gates/code.html", code(1)),
    "code-mail-sent-again": ("gates/code.html", code(1, sent=True, resend_in=0)),
    "code-mail-signed-in": ("gates/code.html", signed_in(code(1, offer=code(1)["offer"] | samples.KNOWN[1]))),
    "code-app": ("gates/code.html", code(0)),
    "code-backup": ("gates/code.html", code(2)),
    "code-wrong": (
        "gates/code.html",
        code(1, form=wrong(samples.Code, code="That isn't the right code. Check it and type it again.")),
    ),
    "code-too-old": ("gates/code.html", code(1, too_old=True, needs_new=True, resend_in=0)),
    "code-used-up": ("gates/code.html", code(1, needs_new=True)),
    "code-ending": ("gates/code.html", code(0, ends=ENDING)),
    "password": ("selfservice/password.html", password(samples.NewPassword())),
    "password-not-yet": (
        "selfservice/password.html",
        password(
            samples.NewPassword(),
            title="You can't set a new password yet",
            not_yet="Your password was set only a short while ago, and has to stay for now. You can set "
            "another one from 14:20 on 30 November (UTC).",
        ),
    ),
    "password-short": (
        "selfservice/password.html",
        password(wrong(samples.NewPassword, new=SHORT, confirm="")),
    ),
    "unlock": ("selfservice/unlock.html", UNLOCK),
    "waiting": ("selfservice/result.html", result("waiting", "One moment", "")),
    "done": (
        "selfservice/result.html",
        result("done", "Done", DONE, at=samples.AT, next=samples.NEXT),
    ),
    "done-sent-twice": (
        "selfservice/result.html",
        result("done", "Done", DONE, at=samples.AT, next=samples.NEXT, repeated=TWICE),
    ),
    "partial": (
        "selfservice/result.html",
        result(
            "partial",
            "Done in part",
            "Your new password is set, but your account is still locked.",
            at=samples.AT,
            **LOCKED,
        ),
    ),
    "not-done": (
        "selfservice/result.html",
        result(
            "not-done",
            "Nothing was changed",
            "The directory didn't answer in time. Your old password is still the one that works.",
            retry_url="/reset/",
        ),
    ),
    "not-done-tries": (
        "selfservice/result.html",
        result(
            "not-done",
            "Nothing was changed",
            "This password was refused, and no other one can be tried for now. Nothing was changed.",
            next=[
                SHORT,
                "Wait 52 minutes. Then you can start again. If you need it sooner, call the helpdesk.",
            ],
        ),
    ),
    "unsure": (
        "selfservice/result.html",
        result(
            "unsure",
            "We're not sure",
            "The directory may have taken your new password.",
            next=["Try the new password first.", "If it doesn't work, try the old one."],
            retry_url="/reset/",
        ),
    ),
    "ended": (
        "selfservice/ended.html",
        {
            "title": "Start again",
            "sentence": OVER,
            "start_url": "/reset/",
            "reference": "K7QM-2XHD",
        },
    ),
    "change": ("selfservice/change.html", CHANGE | {"form": samples.Change()}),
    "change-expired": ("selfservice/change.html", CHANGE | {"form": samples.Change(), "why": OLD}),
    "change-wrong": ("selfservice/change.html", CHANGE | LOCKED | {"form": samples.NotAccepted.shown()}),
    "sign-in": ("selfservice/sign_in.html", SIGN_IN),
    "sign-in-over": ("selfservice/sign_in.html", SIGN_IN | {"title": "Sign in again", "said": SIGNED_OUT}),
    "ways": ("selfservice/ways.html", ways()),
    "ways-cooling": (
        "selfservice/ways.html",
        ways(factors=samples.COOLING, ready_at=samples.AT, stepped_up=False),
    ),
    "ways-first": (
        "selfservice/ways.html",
        ways(factors=[], missing="Add 2 ways, so that you can reset your password yourself."),
    ),
    "ways-step-up": (
        "selfservice/ways.html",
        ways(
            factors=samples.FACTORS[:1],
            missing="Add 1 more way, so that you can reset your password yourself.",
            stepped_up=False,
        ),
    ),
    "ways-pending": (
        "selfservice/ways.html",
        ways(
            factors=[samples.FACTORS[0] | {"state": "pending"}],
            missing="Add 2 ways, so that you can reset your password yourself.",
        ),
    ),
    "rename": ("selfservice/rename.html", add("Rename “Private mail”", form=samples.Rename())),
    "remove": ("selfservice/remove.html", add("Remove “Private mail”?")),
    "add-email": (
        "methods/email/add.html",
        add(
            "Add a mail address",
            form=samples.Address(initial={"source": "own"}),
            own_mail="a•••@corp.example",
        ),
    ),
    "confirm-email": (
        "methods/email/confirm.html",
        add("Check your mail", form=samples.Code(), address="ada.lovelace@exmaple.com", digits=8),
    ),
    "add-totp": ("methods/totp/add.html", add("Set up an authenticator app", seconds=30)),
    "add-totp-show": (
        "methods/totp/add.html",
        add(
            "Set up an authenticator app",
            form=samples.Code(),
            qr=picture(samples.LINK),
            groups=samples.SECRET.split(),
            link=samples.LINK,
            account="ada@corp.example",
            digits=6,
            seconds=30,
        ),
    ),
    "add-backup-codes": ("methods/backup_codes/add.html", add("Add backup codes")),
    "backup-codes": (
        "methods/backup_codes/add.html",
        add("Your backup codes", form=samples.Saved(), codes=samples.CODES) | samples.SHEET,
    ),
    "not-found": (
        "error.html",
        went_wrong(404, "There is no such page", "Check the address, or start again from the first page."),
    ),
    "throttled": (
        "error.html",
        went_wrong(429, "One moment", "Too much was asked for at once. Try again in 3 minutes."),
    ),
    "broken": (
        "error.html",
        went_wrong(
            500,
            "Something broke on our side",
            "Try again in a few minutes. If you had just chosen a new password, try that first.",
        ),
    ),
}


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the parts, and the list of pages."""
    context = {
        "title": "Styleguide",
        "pages": PAGES,
        "empty": samples.SignIn(auto_id="empty_%s"),
        "wrong": wrong(samples.NewPassword, new=SHORT, confirm=""),
        "code_form": samples.Code(auto_id="entry_%s"),
        "rules": samples.RULES,
        "choice": samples.choices()[0],
        "choice_closed": samples.choices()[1] | {"closed": samples.CLOSED},
    }
    return render(request, "styleguide/parts.html", context)


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page in one state."""
    if name not in PAGES:
        raise Http404
    template, context = PAGES[name]
    return render(request, template, context)


urlpatterns = [
    path("", styleguide, name="styleguide"),
    path("<slug:name>/", page, name="styleguide-page"),
]
