"""What the portal's database never holds."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from portal.audit.models import Event
from portal.dispatch.models import JobRecord
from portal.gates.models import Attempt
from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, prove


def dump() -> str:
    """Return every value of every table, sessions opened."""
    found = [str(session.get_decoded()) for session in Session.objects.all()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # our own tables
            found += [str(row) for row in cursor.fetchall()]
    return "\n".join(found)


def test_no_password_code_seed_or_address_is_ever_written_down(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    browser.post("/register/add/backup-codes/")
    codes = browser.hidden("codes").split()
    browser.post("/register/add/totp/")
    second = browser.hidden("secret")
    browser.get("/reset/").send({"name": "alice"})
    worker.mails()
    worker.clock.move(2)
    browser.send({"offer": browser.offer("email")})
    mailed = worker.mailed_code()
    browser.send({"code": mailed})
    prove(browser, worker, "totp", seed)
    browser.send({"new": NEW, "confirm": NEW})
    assert alice.password == NEW
    written = dump()
    for secret in (OLD, NEW, seed, second, mailed, codes[0], "alice@home.example"):
        assert secret not in written, secret


def test_a_typed_name_is_deleted_after_its_attempt_but_not_the_audit(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    prove(browser, worker, "email")
    prove(browser, worker, "totp", seed)
    browser.send({"new": NEW, "confirm": NEW})
    assert Attempt.objects.get(operation="reset").name == ""
    events = Event.objects.count()
    Attempt.objects.update(expires=timezone.now() - timedelta(days=3))
    JobRecord.objects.update(sent_at=timezone.now() - timedelta(days=3))
    call_command("tick")
    assert (Attempt.objects.count(), JobRecord.objects.count()) == (0, 0)
    assert Event.objects.count() == events


def test_a_typed_name_is_deleted_from_an_abandoned_attempt(worker: FakeWorker, browser: Browser) -> None:
    browser.get("/reset/").send({"name": "My-Password-By-Mistake-1"})
    call_command("tick")
    assert Attempt.objects.get().name == "My-Password-By-Mistake-1"
    Attempt.objects.update(expires=timezone.now() - timedelta(seconds=1))
    call_command("tick")
    assert Attempt.objects.get().name == ""
