"""The one browser without a screen: it speaks HTTP over a socket, keeps cookies, and fills in forms."""

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

SECONDS = 20
OFFER = re.compile(r'value="([0-9a-f]{32})"\s+data-kind="(\w+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
REDIRECTS = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER)
MOST = 10  # redirects, one after the other
IDLE = 1.0
"""Seconds after which a connection is not used again: the server closes an idle one after two."""


@dataclass
class Form:
    """One form of a page, with its values."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A response: its address, status and body, its bytes over the wire, and its headers."""

    url: str
    status: int
    body: bytes
    size: int
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return urlsplit(self.url).path

    @property
    def location(self) -> str:
        """Where a redirect leads, or nothing."""
        return next((value for name, value in self.headers if name.lower() == "location"), "")

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def forms(self) -> list[Form]:
        """The forms of the page."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms

    @property
    def token(self) -> str:
        """The CSRF token of the page's first form, found without reading all of the page.

        Raises:
            LookupError: the page has no form.
        """
        found = TOKEN.search(self.text)
        if not found:
            raise LookupError(f"a page without a form ({self.status}, {self.location})")
        return found[1]

    def form(self, name: str) -> Form:
        """Return the form that has a field of that name.

        Raises:
            LookupError: there is no such form; the text has the page's address.
        """
        for form in self.forms:
            if name in form.fields or name in form.choices:
                return form
        raise LookupError(f"no form with {name} on {self.path} ({self.status})")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(found.get("action", "")))
            self._open = True
        elif tag == "input" and self._open and found.get("name"):
            self._take(found, "checked" in found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def _take(self, found: dict[str, str], checked: bool) -> None:
        form, name, value = self.forms[-1], found["name"], found.get("value", "")
        if found.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value or "on")
            if not checked:
                return
        form.fields[name] = value


class Walker:
    """One visitor of the portal.

    Args:
        base: such as "http://localhost:8000".
        cookie: name and value of a cookie, or nothing.
        headers: sent with every request.
        lasting: keeps the connection open from one request to the next.
    """

    def __init__(
        self, base: str, *, cookie: str = "", headers: Mapping[str, str] | None = None, lasting: bool = False
    ) -> None:
        """Start without cookies, or with one."""
        self.base = base.rstrip("/")
        self.cookies = dict([cookie.split("=", 1)]) if cookie else {}
        self._headers, self._lasting = dict(headers or {}), lasting
        self._line = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=SECONDS)
        self._used = 0.0

    def get(self, path: str) -> Page:
        """Open a page by its path or its full address, and follow redirects."""
        return self.follow(self.fetch(path))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form of a page with these values, and return the page after all redirects."""
        target = urljoin(page.url, form.action or page.url)
        return self.follow(self.send(target, form.fields | values, page=page.url))

    def fill(self, page: Page, **values: str) -> Page:
        """Send the form that has the first of the named fields."""
        return self.submit(page, page.form(next(iter(values))), **values)

    def fetch(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """Ask for one page by its path or its full address."""
        return self._ask("GET", path, None, dict(headers or {}))

    def send(self, path: str, fields: Mapping[str, str], *, page: str = "") -> Page:
        """Post fields once.

        Args:
            path: where to, or the full address.
            fields: of the form.
            page: the address of the page that has the form, if it is another one.
        """
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.base,
            "Referer": urljoin(self.base, page or path),
        }
        return self._ask("POST", path, urlencode(fields), headers)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def follow(self, page: Page) -> Page:
        """Return the page to which redirects lead."""
        for _ in range(MOST):
            if page.status not in REDIRECTS:
                break
            page = self.fetch(urljoin(page.url, page.location))
        return page

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Page:
        if time.monotonic() - self._used > IDLE:
            self._line.close()
        url = urldefrag(urljoin(self.base, path)).url
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._line.request(method, url.removeprefix(self.base), body, self._headers | headers)
        answer = self._line.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        if not self._lasting:
            self._line.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self._keep(cookie)
        size = len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
        return Page(url, answer.status, content, size, tuple(answer.getheaders()))

    def _keep(self, cookie: str) -> None:
        pair, *rest = cookie.split(";")
        name, _, value = pair.partition("=")
        self.cookies[name] = value
        if any(each.strip().lower() == "max-age=0" for each in rest):
            del self.cookies[name]


def offers(text: str) -> dict[str, str]:
    """Return the ways to prove it that a page offers: kind and handle."""
    return {kind: handle for handle, kind in OFFER.findall(text)}
