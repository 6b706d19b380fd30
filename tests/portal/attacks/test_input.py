"""Bad input in every field of every form: a clear error, never a crash, never a write."""

import re
from collections.abc import Iterator

import pytest

from portal.dispatch.models import JobRecord
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.attacks.routes import every_route
from tests.portal.walk import OLD, Browser, prove

pytestmark = pytest.mark.slow

FORM = "application/x-www-form-urlencoded"
HOSTILE = {
    "empty": "",
    "nul": "%00",
    "long": "x" * 5_000,
    "emoji": "%F0%9F%98%80" * 256,
    "no utf-8": "%ff%fe%ed%a0%80",
    "look-alike": "%D0%B0lice%E2%80%AE",
    "template": "%7B%7Bsettings.SECRET_KEY%7D%7D%7B0.__class__%7D%25s%25(x)s",
    "ldap and sql": "*)(uid=*))(|(uid=*%27;--%22%5C2a",
    "number": "-1e999",
}
# What gets past the first look, so that only one field is bad at a time.
HONEST = {
    "name": "alice",
    "password": "Wrong-lantern-1",
    "current": "Wrong-lantern-1",
    "new": "Harbour-lamp-7",
    "confirm": "Harbour-lamp-8",
    "code": "000000",
    "factor": "0" * 32,
    "secret": "A" * 32,
    "account": "alice",
    "codes": "AAAA-AAAA-AAAAA",
    "saved": "",
    "source": "other",
    "address": "a@b.example",
    "label": "Mine",
    "next": "/",
    "language": "en",
}


def bodies(fields: list[str]) -> Iterator[tuple[str, str]]:
    """Yield bodies with one bad field each, with all of them bad, and with all of them twice or as lists."""
    honest = {field: HONEST.get(field, "x") for field in fields}
    several = [field for field in fields if field != "confirm"]  # else two bad passwords could be the same
    for what, bad in HOSTILE.items():
        for bads in [[each] for each in fields if what == "emoji"] + [several]:
            body = {**honest, **dict.fromkeys(bads, bad)}
            yield f"{what} in {bads}", "&".join(f"{key}={value}" for key, value in body.items())
    yield "twice", "&".join(f"{field}=a&{field}=b" for field in fields)
    yield "lists", "&".join(f"{field}[]=a&{field}%5B0%5D=b" for field in fields)


def fields_of(browser: Browser, address: str) -> list[str]:
    """Return the fields of the form at an address; where it takes posts only, all that a form might have."""
    response = browser.client.get(address)
    found = set(re.findall(r'<(?:input|select)[^>]* name="(\w+)"', response.content.decode()))
    return sorted(found - {"csrfmiddlewaretoken"}) if response.status_code == 200 else sorted(HONEST)


def sweep(browser: Browser, addresses: list[str]) -> list[str]:
    """Post all of it and return what broke."""
    broken = []
    for address in addresses:
        for what, body in bodies(fields_of(browser, address)):
            status = browser.client.post(address, body, content_type=FORM).status_code
            if status >= 500:
                broken.append(f"{address} {what}: {status}")
    return broken


def routes(*, but: str, **ids: str) -> list[str]:
    """Return the addresses outside the admin that do not look like this."""
    return [each for each in every_route(**ids) if not re.search(f"/admin/|/sign-out/|{but}", each)]


def test_nobody_breaks_a_page_without_an_attempt(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice")
    assert sweep(browser, routes(but="/attempt/|/result/|/factor/|/add/")) == []
    assert worker.corp.writes == []
    assert not JobRecord.objects.exclude(op="ChangePassword").exists()


def test_nobody_breaks_a_page_of_their_own_ways(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    factor = re.findall(r"/register/factor/([0-9a-f]{32})/rename/", browser.text)[0]
    mine = routes(but="/attempt/|/result/|/remove/|/sign-in/|/i18n/|^/\\w*/?$", factor=factor)
    assert "/register/add/totp/confirm/" in mine
    assert sweep(browser, mine) == []
    assert worker.corp.writes == []


@pytest.mark.parametrize("gates", [0, 1, 2])
def test_nobody_breaks_a_page_of_an_attempt(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str, gates: int
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    for kind in ["email", "totp"][:gates]:
        prove(browser, worker, kind, seed if kind == "totp" else "")
    attempt = re.findall(r"/attempt/([\w-]{22})/", browser.url)[0]
    mine = [address for address in routes(but="/state/", attempt=attempt) if attempt in address]
    assert sweep(browser, mine) == []
    assert worker.corp.writes == []
    assert not JobRecord.objects.exists()


def test_a_megabyte_is_refused_unread(worker: FakeWorker, browser: Browser) -> None:
    browser.client.raise_request_exception = False
    body = b"name=" + b"x" * 1_000_000
    for address in routes(but="/attempt/|/result/|/factor/|/add/|/step-up/|/register/$"):
        assert browser.client.post(address, body, content_type=FORM).status_code in {400, 405}, address
