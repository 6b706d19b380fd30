"""The visit of a stranger with a name, up to the first proof, and the time that each answer takes."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from django.urls import reverse
from django.utils.html import escape

from deploy.dev.demo.walker import Page, Walker, offers
from deploy.dev.lab import LabError
from deploy.dev.timing.verdict import Sample
from portal.dispatch.outcomes import SENTENCES
from portal.methods.registry import METHODS
from writeback.envelope.answers import Outcome
from writeback.envelope.methods import CODE_LENGTH

WRONG_CODES = {
    kind.value: ("0" if method.numeric else "A") * CODE_LENGTH[kind] for kind, method in METHODS.items()
}
DRAWN = re.compile(
    r"[0-9a-f]{32}|[A-Za-z0-9_-]{22,}|\b[A-Z2-7]{4}-[A-Z2-7]{4}\b|nonce-[^']+|expires=[^;]+|resend=.\d+"
)
"""Parts that differ in each answer: handles, ids, tokens, references, and remaining times."""
WRONG = {SENTENCES[Outcome.WRONG_CODE], *(method.wrong for method in METHODS.values() if method.wrong)}
MOMENT = re.compile(r'<time datetime="([^"]+)"[^>]*>[^<]*</time>')
LEFT = re.compile(r'data-ends="(\d+)"')
CLOCK = {"date", "expires"}
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


class Visit:
    """A stranger with one name, who makes every request that needs no proof.

    Args:
        base: the portal's address.
        name: the typed name.
        kind: the chosen kind of proof; the code for it is wrong.
    """

    def __init__(self, base: str, name: str, kind: str) -> None:
        self._base, self._name, self._kind = base, name, kind
        self._samples: list[tuple[str, Sample]] = []

    def walk(self) -> list[tuple[str, Sample]]:
        """Return the name of each step with its sample.

        Raises:
            LabError: the portal led elsewhere, such as to a page that says to wait.
        """
        self._forget_password()
        wrong, new = "Not-the-password-1", "Timing-harbour-5521"
        self._password("sign-in", password=wrong)
        self._password("change", current=wrong, new=new, confirm=new)
        return self._samples

    def _forget_password(self) -> None:
        browser, path = Walker(self._base, lasting=True), reverse("reset")
        asked = {"csrfmiddlewaretoken": browser.fetch(path).token, "name": self._name}
        begun = self._time("name typed", lambda: browser.send(path, asked), to="prove")
        ways = self._time("ways page", lambda: browser.fetch(begun.location))
        choice = {"csrfmiddlewaretoken": ways.token, "offer": offers(ways.text)[self._kind]}
        chosen = self._time("way chosen", lambda: browser.send(begun.location, choice), to="code")
        page = self._time("code page", lambda: browser.fetch(chosen.location))
        code = {"csrfmiddlewaretoken": page.token, "code": WRONG_CODES[self._kind]}
        tried = self._time("wrong code", lambda: browser.send(chosen.location, code), to="code")
        told = self._time("wrong code told", lambda: browser.fetch(tried.location), status=REFUSED)
        if not any(escape(str(words)) in told.text for words in WRONG):
            raise LabError("a wrong code was not reported as wrong: a limit was reached")
        browser.close()

    def _password(self, page: str, **fields: str) -> None:
        browser, path = Walker(self._base, lasting=True), reverse(page)
        filled = {"csrfmiddlewaretoken": browser.fetch(path).token, "name": self._name, **fields}
        self._time(f"wrong password, {page}", lambda: browser.send(path, filled), status=REFUSED)
        browser.close()

    def _time(self, step: str, act: Callable[[], Page], *, to: str = "", status: int = 0) -> Page:
        begun = time.perf_counter()
        answer = act()
        taken = time.perf_counter() - begun
        expected = status or (HTTPStatus.FOUND if to else HTTPStatus.OK)
        if answer.status != expected or (to and not answer.location.endswith(f"/{to}/")):
            raise LabError(f"{step}: the portal answers {answer.status} {answer.location}".rstrip())
        self._samples.append((step, Sample(seconds=taken, shape=shape(answer, self._name))))
        return answer


def shape(answer: Page, name: str) -> str:
    """Return the visible part of an answer, without the parts that differ in each answer.

    Args:
        answer: the answer.
        name: the typed name, which pages repeat.
    """
    headers = [f"{field}: {value}" for field, value in answer.headers if field.lower() not in CLOCK]
    text = LEFT.sub(_seconds_left, MOMENT.sub(_until_then, answer.text))
    lines = [str(answer.status), *headers, *text.splitlines()]
    return DRAWN.sub("…", "\n".join(line.strip() for line in lines).replace(escape(name), "…"))


def _until_then(moment: re.Match[str]) -> str:
    return _span((datetime.fromisoformat(moment[1]) - datetime.now(UTC)).total_seconds())


def _seconds_left(seconds: re.Match[str]) -> str:
    return _span(float(seconds[1]))


def _span(seconds: float) -> str:
    """Return how far away a time is, to five minutes: a page with a time shows everybody the same span."""
    return f"in {round(seconds / 300) * 5} minutes"
