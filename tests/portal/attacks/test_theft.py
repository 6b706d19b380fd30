"""What a stolen copy of the portal's database, and a look into its rows, is worth."""

import re

from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from portal.gates.models import Attempt
from portal.people.models import Account
from portal.staff.models import AdminDevice
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin
from tests.portal.walk import Browser, prove


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the database's own names
            rows += cursor.fetchall()
    return repr(rows)


def test_a_stolen_database_yields_no_cookie_and_no_admin_code(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    admin = sign_in_as_admin()
    text = everything_in_the_database()
    assert AdminDevice.objects.get().bin_key.hex() not in text
    assert Session.objects.count() == 2
    for session in (browser.session_key, admin.cookies["__Host-keyback"].value):
        assert session not in text
    for word in set(re.findall(r"\w{20,64}", text)):
        thief = Client(raise_request_exception=False)
        thief.cookies["__Host-keyback"] = word
        assert thief.get("/admin/").status_code == 302
        assert thief.get(browser.url).status_code == 403


def test_a_copied_cookie_is_worthless_after_sign_out(
    worker: FakeWorker, browser: Browser, alice: Person
) -> None:
    before = Session.objects.count()  # the goodbye to alice, who has just signed out
    admin = sign_in_as_admin()
    copy = Client(raise_request_exception=False)
    copy.cookies.load(admin.cookies.output(header="", sep=";"))
    assert copy.get("/admin/").status_code == 200
    admin.post("/admin/logout/", "", content_type="application/x-www-form-urlencoded")
    assert copy.get("/admin/").status_code == 302
    assert Session.objects.count() == before


def test_a_password_typed_as_a_name_is_gone_after_the_attempt(worker: FakeWorker, browser: Browser) -> None:
    Account.objects.all().delete()
    browser.get("/reset/").send({"name": "Canary-typed-as-name-1"})
    browser.get("/reset/").send({"name": "nobody"})
    assert "Canary" not in everything_in_the_database()
    assert Attempt.objects.count() == 2
