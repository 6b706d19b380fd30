"""The address that was typed is shown whole until it is confirmed, and is written down nowhere."""

import logging

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection

from portal.methods.models import Factor
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import OLD, Browser, prove

TYPED = "Jane.Doe+home@exmaple.com"


@pytest.fixture
def asked(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> Browser:
    """Alice's browser, where the code to the address that she typed is asked for."""
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    return browser.post("/register/add/email/", {"source": "other", "address": TYPED})


def everything_kept() -> str:
    """Return all rows of the portal's database, sessions opened."""
    rows = [str(list(model._default_manager.values())) for model in apps.get_models()]
    return "".join([*rows, *(str(session.get_decoded()) for session in Session.objects.all())])


def test_a_typed_address_is_shown_whole_while_its_code_is_asked_for(
    asked: Browser, worker: FakeWorker
) -> None:
    shown = f'We sent a code to <b dir="ltr">{TYPED}</b>.'
    assert shown in asked.text
    assert shown in asked.send({"code": "00000000"}).text
    worker.clock.move(2)
    assert shown in asked.post(f"{asked.url}again/").text
    assert shown in asked.get(asked.url).text
    asked.send({"code": worker.mailed_code()})
    assert asked.url == "/register/"
    assert TYPED not in asked.text
    assert "typed_address" not in everything_kept()


def test_a_typed_address_is_in_no_database_log_or_url(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection.force_debug_cursor = True
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "django.db.backends"):
        browser.get("/register/").send({"name": "alice", "password": OLD})
        prove(browser, worker, "totp", seed)
        browser.post("/register/add/email/", {"source": "other", "address": TYPED})
        browser.send({"code": "00000000"})
    connection.force_debug_cursor = False
    assert "UPDATE" in caplog.text  # what is written is logged, too
    lines = [str(place) for place, _ in browser.response.redirect_chain]
    for part in (TYPED, TYPED.lower(), "Jane.Doe", "Jane"):
        assert part not in everything_kept()
        assert part not in caplog.text
        assert part not in "".join([browser.url, *lines])


def test_a_typed_address_is_not_shown_for_another_way_or_later(asked: Browser, worker: FakeWorker) -> None:
    page = asked.url
    other = Factor.objects.get(kind="email", confirmed=True)
    assert "a•••@home.example" in asked.get(f"/register/add/email/{other.factor_id}/").text
    assert TYPED not in asked.text
    session = asked.client.session
    session["typed_address"] = {**session["typed_address"], "until": 1.0}
    session.save()
    assert "J•••@exmaple.com" in asked.get(page).text
    assert TYPED not in asked.text


def test_an_address_sealed_under_another_key_is_masked(asked: Browser) -> None:
    session = asked.client.session
    session["typed_address"] = {**session["typed_address"], "sealed": "00" * 272}
    session.save()
    assert "J•••@exmaple.com" in asked.get(asked.url).text
