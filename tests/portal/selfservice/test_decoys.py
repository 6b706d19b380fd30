"""Before two proofs, everybody sees the same."""

import re

import pytest

from tests.fakes.directory import BASE, Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import Browser, shape

NAMES = [
    "alice",
    "unregistered",
    "locked",
    "nobody",
    "charlie",
    "admin",
    "*",
    ")(uid=*",
    "\N{CYRILLIC SMALL LETTER A}lice",
    "x" * 200,
]


@pytest.fixture
def people(worker: FakeWorker, alice: Person) -> None:
    directory = worker.corp
    directory.add("unregistered")
    directory.add("locked", locked=True)
    directory.add("charlie", dn=f"CN=charlie,OU=Elsewhere,{BASE}")
    directory.add("admin", admin_count=True)


def _shape(text: str) -> str:
    return re.sub(r'(?s)<label class="choice">.*?</label>', "<offer>", shape(text))


def test_starting_looks_the_same_for_everybody(browser: Browser, people: None) -> None:
    seen = set()
    for name in NAMES:
        page = browser.get("/reset/").send({"name": name})
        assert page.url.endswith("/prove/"), name
        looks = re.sub(r"(<offer>\s*)+", "<offers>", _shape(page.text))
        seen.add((page.status, looks, tuple(sorted(page.response.headers))))
    assert len(seen) == 1


def test_a_decoy_takes_codes_and_finds_them_wrong(worker: FakeWorker, browser: Browser, people: None) -> None:
    worker.mails()
    told = []
    # What is said of a wrong code is each method's own, and not every decoy has an app.
    for name in ["alice", *map("nobody{}".format, range(9))]:
        browser.get("/reset/").send({"name": name})
        if 'data-kind="totp"' in browser.text:
            page = browser.send({"offer": browser.offer("totp")}).send({"code": "000000"})
            told.append((page.status, page.complaint()))
    assert len(told) > 1
    assert len(set(told)) == 1
    assert {note.to.reveal() for note in worker.mails()} <= {"alice@home.example"}
