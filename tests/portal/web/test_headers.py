"""What every answer carries, and answers to what no page asks for."""

import logging
import re
from typing import NoReturn

import pytest
from django.contrib.sessions.models import Session
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from portal.web.logs import Lines
from tests.fakes.worker import FakeWorker

PAGES = ["/", "/reset/", "/unlock/", "/change/", "/register/sign-in/", "/no-such-page/", "/admin/login/"]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_closed_to_others_and_kept_by_nobody(worker: FakeWorker, page: str) -> None:
    response = Client().get(page)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_script_or_style_of_its_own(worker: FakeWorker, page: str) -> None:
    text = Client().get(page).content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def test_looking_writes_no_session(worker: FakeWorker) -> None:
    client = Client(raise_request_exception=False)
    for page in PAGES:
        client.get(page)
    client.post("/reset/", "name=", content_type=FORM)
    assert Session.objects.count() == 0
    client.post("/reset/", "name=nobody", content_type=FORM)
    assert Session.objects.count() == 1


@pytest.mark.parametrize("trouble", [OperationalError("the server hung up"), InterfaceError("no connection")])
def test_portal_without_its_database_says_that_it_is_not_available(
    worker: FakeWorker, trouble: Exception
) -> None:
    def gone(*_: object) -> NoReturn:
        raise trouble

    with connection.execute_wrapper(gone):
        response = Client(raise_request_exception=False).post("/reset/", "name=alice", content_type=FORM)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "the server hung up" not in response.content.decode()
    assert "Not available right now" in response.content.decode()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost@evil.example"])
def test_a_foreign_host_is_refused(worker: FakeWorker, host: str) -> None:
    response = Client(raise_request_exception=False).get("/", headers={"Host": host})
    assert response.status_code == 400


def test_forwarded_hosts_are_not_believed(worker: FakeWorker) -> None:
    told = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert "evil.example" not in Client().get("/", headers=told).content.decode()


@pytest.mark.parametrize("page", ["/reset/", "/unlock/", "/change/", "/register/sign-in/"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"name": "alice"}', "application/json"),
        (b"<name>alice</name>", "text/xml"),
        (b"name=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"f%d=1" % number for number in range(300)), "application/x-www-form-urlencoded"),
        (b"name[]=alice&name%5B%5D=bob", "application/x-www-form-urlencoded"),
        (b"name=alice&name=bob&password=x&current=y", "application/x-www-form-urlencoded"),
        (b"name=%00", "application/x-www-form-urlencoded"),
        (b"name=alice", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"name=%ff%fe", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
def test_bad_posts_are_refused_and_never_break_anything(
    worker: FakeWorker, page: str, body: bytes, kind: str
) -> None:
    response = Client(raise_request_exception=False).generic("POST", page, body, content_type=kind)
    assert 400 <= response.status_code < 500
    assert worker.corp.writes == []
    assert worker.corp.binds == []


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_other_http_methods_are_refused_with_a_sentence(worker: FakeWorker, method: str) -> None:
    response = getattr(Client(), method)("/reset/")
    assert response.status_code == 405
    assert "POST" in response["Allow"]


def test_a_post_without_its_token_is_refused_with_a_sentence(worker: FakeWorker) -> None:
    response = Client(enforce_csrf_checks=True).post("/reset/", "name=a", content_type=FORM)
    assert response.status_code == 403
    assert "open for too long" in response.content.decode()
    assert "Go back and open the page again." in response.content.decode()


def test_log_lines_hold_neither_bodies_nor_words_of_exceptions(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int("Canary-password-77")
    except ValueError:
        logging.getLogger("portal").exception("It broke.")
    line = Lines().format(caplog.records[-1])
    assert "Canary" not in line
    assert '"error": "ValueError"' in line


FORM = "application/x-www-form-urlencoded"
