"""Keeps in the session what the next page is to say; the page makes sentences of it."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from portal.dispatch.outcomes import sentence
from writeback.envelope.answers import Answer, Outcome, Wait

SAID = "said"


def say(request: HttpRequest, address: str, *messages: str) -> None:
    """Keep messages for the page to which the browser is led next.

    Args:
        request: the request of the browser.
        address: path of that page.
        messages: messages, marked with gettext_noop; the page translates them, one paragraph each.
    """
    request.session[SAID] = {"at": address, "messages": messages}


def say_answer(request: HttpRequest, address: str, answer: Answer | None, *, wrong: str = "") -> None:
    """Keep a worker's answer for the page to which the browser is led next.

    Args:
        request: the request of the browser.
        address: path of that page.
        answer: the answer; None if none came in time.
        wrong: the message for a wrong code, marked with gettext_noop; empty for the usual sentence.
    """
    if answer is not None and answer.outcome is Outcome.WRONG_CODE and wrong:
        say(request, address, wrong)
        return
    seconds = answer.facts.seconds if answer and isinstance(answer.facts, Wait) else 0
    kept = {"outcome": answer.outcome if answer else "", "seconds": seconds}
    request.session[SAID] = {"at": address, "answer": kept}


def lead_with_messages(request: HttpRequest, page: str, *messages: str) -> HttpResponse:
    """Redirect to the page of this name, which will show the messages."""
    say(request, reverse(page), *messages)
    return redirect(page)


def take_message(request: HttpRequest) -> str:
    """Return what was kept for this page, once; empty if nothing was."""
    kept = request.session.get(SAID)
    if not kept or kept["at"] != request.path:
        return ""
    del request.session[SAID]
    return sentence(_read(kept["answer"])) if "answer" in kept else translate(kept.get("messages", ()))


def translate(messages: Iterable[str]) -> str:
    """Return messages in the language of the page, one paragraph each."""
    return "\n\n".join(gettext(each) for each in messages)


def _read(kept: dict[str, Any]) -> Answer | None:
    facts = Wait(seconds=kept["seconds"]) if kept["seconds"] else None
    return Answer(outcome=Outcome(kept["outcome"]), facts=facts) if kept["outcome"] else None
