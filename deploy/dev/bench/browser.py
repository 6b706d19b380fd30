"""A minimal browser that only sends requests: one open connection, cookies, no parsing of responses."""

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
# The icons for a phone's home screen are only fetched when somebody adds the page there.
LOADED = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg|ico))"')
SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """A response, and its bytes over the wire."""

    status: int
    body: bytes
    size: int
    location: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The page."""
        return self.body.decode("utf-8", "replace")


class Browser:
    """One visitor of the portal on a port of this machine."""

    def __init__(self, port: int, *, cookie: str = "") -> None:
        """Start with a session's cookie, or without one."""
        self._line = http.client.HTTPConnection("localhost", port, timeout=SECONDS)
        self._origin = f"http://localhost:{port}"
        self._cookies = dict([cookie.split("=", 1)]) if cookie else {}
        self._used = 0.0

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Open a page."""
        return self._ask("GET", path, None, dict(headers or {}))

    def post(self, path: str, **fields: str) -> Answer:
        """Post a form to its own page, and follow the redirect."""
        answer = self.send(path, **fields)
        return self.get(answer.location) if answer.location else answer

    def send(self, path: str, **fields: str) -> Answer:
        """Post a form to its own page, without following a redirect."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self._origin,
            "Referer": self._origin + path,
        }
        return self._ask("POST", path, urlencode(fields), headers)

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        if time.monotonic() - self._used > 1:  # the server keeps an idle connection for two seconds
            self._line.close()
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        size = len(content) + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
        location = answer.headers.get("Location", "")
        return Answer(answer.status, content, size, location, tuple(answer.getheaders()))


class NewPasswordPage:
    """The open page on which somebody types the new password."""

    def __init__(self, port: int, path: str, cookie: str) -> None:
        """Open it."""
        self._browser, self._path = Browser(port, cookie=cookie), path
        self._token = token_of(self._browser.get(path))

    def submit(self, new: str) -> Answer:
        """Send the new password, and return the final page."""
        return self._browser.post(self._path, csrfmiddlewaretoken=self._token, new=new, confirm=new)

    def close(self) -> None:
        """Leave."""
        self._browser.close()


def token_of(page: Answer) -> str:
    """Return the CSRF token of a page's form.

    Raises:
        LookupError: the page has no form.
    """
    found = TOKEN.search(page.text)
    if not found:
        raise LookupError(f"a page without a form ({page.status}, {page.location})")
    return found[1]


def weight(port: int, path: str) -> int:
    """Return the bytes over the wire for a page and everything that it loads."""
    browser = Browser(port)
    packed = {"Accept-Encoding": "gzip"}
    loaded = sorted(set(LOADED.findall(browser.get(path).text)))
    sizes = [browser.get(each, headers=packed).size for each in [path, *loaded]]
    browser.close()
    return sum(sizes)
