"""Walking the pages as a browser does."""

import html
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from deploy.dev.demo.registering import App
from deploy.dev.demo.walker import offers
from tests.fakes.worker import FakeWorker

NEW = "Autumn-leaves-77"
OLD = "Winter-rain-42"


@dataclass
class Browser:
    """A client that remembers where it is."""

    client: Client
    url: str = "/"
    status: int = 0
    text: str = ""
    response: Any = None

    def get(self, url: str, **headers: str) -> "Browser":
        return self._arrive(self.client.get(url, follow=True, headers=headers), url)

    def post(self, url: str, fields: Mapping[str, object] | None = None, **headers: str) -> "Browser":
        """Post a form and follow where it leads."""
        body = self.client.post(
            url,
            data=_form(fields or {}),
            content_type="application/x-www-form-urlencoded",
            follow=True,
            headers=headers,
        )
        return self._arrive(body, url)

    def send(self, fields: Mapping[str, object] | None = None) -> "Browser":
        """Post a form to the page that is open."""
        return self.post(self.url, fields)

    def copy(self) -> "Browser":
        """Return another window of the same browser, at the same page."""
        client = Client(raise_request_exception=False)
        client.cookies.load(self.client.cookies.output(header="", sep=";"))
        return Browser(client, url=self.url)

    @property
    def session_key(self) -> str:
        """The session cookie."""
        cookie = self.client.cookies.get("__Host-keyback")
        return str(cookie.value) if cookie else ""

    def state(self) -> str:
        """Ask what the script of a result page asks, after a moment."""
        time.sleep(0.8)
        answer: str = self.client.get(f"{self.url}state/").json()["state"]
        return answer

    def complaint(self) -> str:
        """Return what the summary of errors says, or nothing."""
        found = re.search(r'(?s)<ul class="errors__list">(.*?)</ul>', self.text)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", "", found[1])).split()) if found else ""

    def offer(self, kind: str) -> str:
        """Return the handle of an offer of that kind on the open page."""
        found = offers(self.text)
        assert kind in found, self.text
        return found[kind]

    def hidden(self, name: str) -> str:
        """Return the value of a hidden field of the open page."""
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', self.text)
        assert found, self.text
        return found[1]

    def _arrive(self, response: Any, url: str) -> "Browser":
        chain = getattr(response, "redirect_chain", [])
        self.url = chain[-1][0].partition("?")[0] if chain else url.partition("?")[0]
        self.response, self.status = response, response.status_code
        self.text = response.content.decode()
        return self


def _form(fields: Mapping[str, object]) -> str:
    return urlencode(fields, doseq=True)


def shape(text: str) -> str:
    """Return a page without what differs between any two attempts of anybody: ids, references, times."""
    text = re.sub(r'(?s)<time .*?</time>|data-(?:ends|resend)="\d+"', "…", text)
    ids = r"\b[A-Za-z0-9]{64}\b|[0-9a-f]{32}|[A-Za-z0-9_-]{22}|[A-Z2-7]{4}-[A-Z2-7]{4}"
    return re.sub(ids, "…", text)


def totp(seed: str, worker: FakeWorker) -> str:
    """Return a code that the worker has not seen yet: three steps are good at a time, each once."""
    used = worker.shown.get(seed, 0)
    assert used < 3, "This test asks for more codes than one minute has."
    worker.shown[seed] = used + 1
    at = int(worker.clock.now()) + 30 * (used - 1)
    return App(seed).code(at=at)


def register(browser: Browser, worker: FakeWorker, name: str = "alice", password: str = OLD) -> str:
    """Register a mail address and an app through the pages; return the app's seed."""
    browser.get("/register/").send({"name": name, "password": password})
    browser.send({"offer": browser.offer("email")}).send({"code": worker.mailed_code()})
    assert browser.url == "/register/", browser.text
    browser.post("/register/add/email/", {"source": "other", "address": f"{name}@home.example"})
    browser.send({"code": worker.mailed_code()})
    browser.post("/register/add/totp/")
    seed, factor = browser.hidden("secret"), browser.hidden("factor")
    fields = {"factor": factor, "secret": seed, "code": totp(seed, worker)}
    browser.post("/register/add/totp/confirm/", fields)
    assert browser.url == "/register/", browser.text
    browser.post("/register/sign-out/")
    return seed


def prove(browser: Browser, worker: FakeWorker, kind: str, seed: str = "") -> Browser:
    """Pass one gate from the page that offers the ways."""
    worker.mails()
    worker.clock.move(2)  # past the pause between two mails to one box
    browser.send({"offer": browser.offer(kind)})
    return browser.send({"code": totp(seed, worker) if seed else worker.mailed_code()})
