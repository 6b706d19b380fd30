"""What a stranger does with a name, up to the first proof, and how long each answer takes."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from django.urls import reverse
from django.utils.html import escape

from deploy.dev.bench.browser import Answer, Browser, token_of
from deploy.dev.lab import LabError
from deploy.dev.timing.verdict import Sample
from portal.dispatch.outcomes import SENTENCES
from portal.methods.registry import METHODS
from writeback.envelope.answers import Outcome

WRONG_CODES = {"email": "00000000", "totp": "000000", "backup_codes": "A" * 13}
OFFER = re.compile(r'value="([0-9a-f]{32})"\s+data-kind="(\w+)"')
DRAWN = re.compile(
    r"[0-9a-f]{32}|[A-Za-z0-9_-]{22,}|\b[A-Z2-7]{4}-[A-Z2-7]{4}\b|nonce-[^']+|expires=[^;]+|resend=.\d+"
)
"""What is drawn anew for each answer: handles, ids, tokens, references, and what is left of a time."""
WRONG = {SENTENCES[Outcome.WRONG_CODE], *(method.wrong for method in METHODS.values() if method.wrong)}
MOMENT = re.compile(r'<time datetime="([^"]+)"[^>]*>[^<]*</time>')
LEFT = re.compile(r'data-ends="(\d+)"')
CLOCK = {"date", "expires"}
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


class Visit:
    """A stranger with one name, who walks through everything that can be asked without any proof.

    Args:
        port: of the portal.
        name: that is typed.
        kind: of proof that is chosen; the code for it is wrong.
    """

    def __init__(self, port: int, name: str, kind: str) -> None:
        self._port, self._name, self._kind = port, name, kind
        self._samples: list[tuple[str, Sample]] = []

    def walk(self) -> list[tuple[str, Sample]]:
        """Return the name of each step, and what was measured there.

        Raises:
            LabError: the portal led elsewhere, such as to a page that says to wait.
        """
        self._forgotten()
        wrong, new = "Not-the-password-1", "Timing-harbour-5521"
        self._password("sign-in", password=wrong)
        self._password("change", current=wrong, new=new, confirm=new)
        return self._samples

    def _forgotten(self) -> None:
        browser, path = Browser(self._port), reverse("reset")
        token = token_of(browser.get(path))
        begun = self._timed(
            "name typed",
            lambda: browser.send(path, csrfmiddlewaretoken=token, name=self._name),
            to="prove",
        )
        ways = self._timed("ways page", lambda: browser.get(begun.location))
        offers = {kind: handle for handle, kind in OFFER.findall(ways.text)}
        chosen = self._timed(
            "way chosen",
            lambda: browser.send(
                begun.location, csrfmiddlewaretoken=token_of(ways), offer=offers[self._kind]
            ),
            to="code",
        )
        page = self._timed("code page", lambda: browser.get(chosen.location))
        code = {"csrfmiddlewaretoken": token_of(page), "code": WRONG_CODES[self._kind]}
        tried = self._timed("wrong code", lambda: browser.send(chosen.location, **code), to="code")
        told = self._timed("wrong code told", lambda: browser.get(tried.location), status=REFUSED)
        if not any(escape(str(words)) in told.text for words in WRONG):
            raise LabError("a wrong code was not told as such: a limit was reached")
        browser.close()

    def _password(self, page: str, **fields: str) -> None:
        browser, path = Browser(self._port), reverse(page)
        token = token_of(browser.get(path))
        self._timed(
            f"wrong password, {page}",
            lambda: browser.send(path, csrfmiddlewaretoken=token, name=self._name, **fields),
            status=REFUSED,
        )
        browser.close()

    def _timed(self, step: str, act: Callable[[], Answer], *, to: str = "", status: int = 0) -> Answer:
        begun = time.perf_counter()
        answer = act()
        taken = time.perf_counter() - begun
        expected = status or (HTTPStatus.FOUND if to else HTTPStatus.OK)
        if answer.status != expected or (to and not answer.location.endswith(f"/{to}/")):
            raise LabError(f"{step}: the portal answers {answer.status} {answer.location}".rstrip())
        self._samples.append((step, Sample(seconds=taken, shape=shape(answer, self._name))))
        return answer


def shape(answer: Answer, name: str) -> str:
    """Return what a stranger sees of an answer, without what differs from one answer to the next.

    Args:
        answer: as it came.
        name: that was typed, which pages repeat.
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
    """Return how far off a time is, to five minutes: a page that tells one tells everybody the same span."""
    return f"in {round(seconds / 300) * 5} minutes"
