"""Sites in the admin: how their workers are, and the switch."""

import re
import time

import pytest
from django.test import Client

from portal.audit.models import Event
from portal.dispatch import health
from portal.dispatch.models import Site
from portal.dispatch.queries import is_reachable
from portal.dispatch.workers import replace_workers
from portal.people.models import Account
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin, worker
from writeback.envelope.answers import NoticeRules, Unreachable

pytestmark = pytest.mark.slow

__all__ = ["worker"]


def page(client: Client) -> str:
    return client.get(f"/admin/dispatch/site/{Site.objects.get().pk}/change/").content.decode()


def test_the_page_of_a_site_says_how_its_workers_and_directories_are(worker: FakeWorker) -> None:
    text = page(sign_in_as_admin())
    assert "w1: up, heard" in text
    assert f"ceiling {worker.site.ceiling_hash.hex()[:16]}" in text
    assert "Ceiling for reset: methods at least 2, families at least 2" in text
    assert "corp: up on" in text
    assert "[&quot;" not in text
    labels = ("Paired workers", "Workers now", "Workers")
    assert [text.count(f"<label>{label}:</label>") for label in labels] == [1, 1, 0]


def test_the_page_of_an_account_shows_what_the_directory_says_and_no_right_of_djangos(
    worker: FakeWorker,
) -> None:
    account = Account.objects.create(username="x@corp", directory="corp", guid="00" * 16, name="ada")
    text = sign_in_as_admin().get(f"/admin/people/account/{account.pk}/change/").content.decode()
    assert "ada" in text
    assert [name for name in ("Superuser", "Password:", "Groups", "permissions") if name in text] == []


@pytest.mark.parametrize(
    ("unreachable", "administrators", "said"),
    [
        (Unreachable.TELL_ADMINISTRATORS, 1, "people without a mail address, 1 administrator is told."),
        (Unreachable.TELL_ADMINISTRATORS, 2, "people without a mail address, 2 administrators are told."),
        (Unreachable.TELL_ADMINISTRATORS, 0, "people without a mail address, nobody is told."),
        (Unreachable.TELL_NOBODY, 2, "people without a mail address, nobody is told."),
        (Unreachable.REFUSE, 2, "Nothing is done for people without a mail address."),
    ],
)
def test_the_page_of_a_site_says_who_hears_of_people_without_an_address(
    worker: FakeWorker, unreachable: Unreachable, administrators: int, said: str
) -> None:
    rules = NoticeRules(unreachable=unreachable, administrators=administrators, on_call=0)
    worker.site.notices = rules
    assert said in page(sign_in_as_admin())


def test_a_site_without_a_living_worker_is_shown_as_such(worker: FakeWorker) -> None:
    admin = sign_in_as_admin()
    the_box().disconnect()
    text = page(admin)
    assert "w1: no heartbeat has come from it." in text
    assert "main: no worker answers." in text


def test_the_last_report_of_a_dead_worker_is_not_shown_as_current(worker: FakeWorker) -> None:
    admin = sign_in_as_admin()
    worker.clock.move(time.time() - 100 - worker.clock.now())
    replace_workers()
    summary = health.summary(Site.objects.get())
    assert len(summary) == 1
    assert re.fullmatch(r"w1: down, last heard 10\d s ago\.", summary[0])
    assert re.search(r"w1: down, last heard 10\d s ago\.", page(admin))


def test_a_site_can_be_switched_off_and_on_and_nothing_else_can_be_changed(worker: FakeWorker) -> None:
    admin, site = sign_in_as_admin(), Site.objects.get()
    address = f"/admin/dispatch/site/{site.pk}/change/"
    assert admin.post(address, {"fingerprint": "AAAA"}).status_code == 302
    site.refresh_from_db()
    assert not site.enabled
    assert site.fingerprint != "AAAA"
    assert not is_reachable("main")
    assert Event.objects.filter(event="site.switched", facts__enabled=False).count() == 1
    admin.post(address, {"enabled": "on"})
    assert is_reachable("main")


def test_only_pairing_creates_sites(worker: FakeWorker) -> None:
    admin = sign_in_as_admin()
    assert admin.get("/admin/dispatch/site/add/").status_code == 403
    assert admin.post(f"/admin/dispatch/site/{Site.objects.get().pk}/delete/").status_code == 403
