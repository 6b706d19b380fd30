"""A browser without a screen: it follows links and redirects, keeps cookies, and fills in a page's form."""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

SECONDS = 20


@dataclass
class Form:
    """One form of a page, with its values."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Page:
    """A response: its address, status, text and forms."""

    url: str
    status: int
    text: str
    forms: list[Form]

    @property
    def path(self) -> str:
        """The path of the page's address."""
        return urllib.parse.urlsplit(self.url).path

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
    """One visitor of the portal at `base`, such as "http://localhost:8000"."""

    def __init__(self, base: str) -> None:
        """Start without cookies."""
        self.base = base.rstrip("/")
        self.jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, path: str) -> Page:
        """Open a page by its path or its full address."""
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, path)))

    def submit(self, page: Page, form: Form, **values: str) -> Page:
        """Send a form of a page with these values, and return the page after all redirects."""
        body = urllib.parse.urlencode(form.fields | values).encode()
        target = urllib.parse.urljoin(page.url, form.action or page.url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Referer": page.url,
            "Origin": self.base,
        }
        return self._open(urllib.request.Request(target, data=body, headers=headers))

    def fill(self, page: Page, **values: str) -> Page:
        """Send the form that has the first of the named fields."""
        return self.submit(page, page.form(next(iter(values))), **values)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return _page(answer.geturl(), answer.status, answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _page(refusal.geturl(), refusal.code, refusal.read())


def _page(url: str, status: int, body: bytes) -> Page:
    text = body.decode("utf-8", "replace")
    parser = _Forms()
    parser.feed(text)
    return Page(url, status, text, parser.forms)
