"""The portal and two workers keep everything they remember in PostgreSQL."""

from collections.abc import Iterator

import pytest

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.pairing import manage
from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.demo.walker import Page
from deploy.dev.lab import Lab
from deploy.dev.processes import wait_until
from tests.fakes import worker_program as at
from tests.journeys.rig import DONE, NOTHING, WAITING, Guest
from tests.journeys.site import Site
from tests.journeys.visitor import words
from writeback.envelope.answers import Outcome

AWAY = "Not available right now"


@pytest.fixture(scope="module")
def shared_site(
    lab: Lab, mailbox: Mailbox, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"), lab, mailbox, postgres)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    """Portal and two workers; both live again for the next test."""
    yield shared_site
    shared_site.mend()


def submit_to_the_first(site: Site, guest: Guest) -> Page:
    """Send a new password while there is one worker, which is held after the modify; return the page."""
    page = guest.to_new_password()
    site.second.vanish()
    site.first.hold(at.AFTER_MODIFY)
    page = guest.submit(page)
    assert WAITING in words(page)
    assert site.first.is_held()
    return page


def test_register_reset_and_change_work_and_the_audit_verifies(site: Site) -> None:
    guest = site.visitor()
    page = guest.set_password(guest.to_new_password(), guest.new)
    assert DONE in words(page)
    assert site.lab.bind(guest.person.dn, guest.new) is None

    newer = "Autumn-meadow-4711"
    page = guest.walker.get("/change/")
    page = guest.walker.fill(page, name=guest.person.name, current=guest.new, new=newer, confirm=newer)
    assert DONE in words(guest.wait(page))
    assert site.lab.bind(guest.person.dn, newer) is None

    assert "The site main has seen the audit up to event" in manage(site.product.environment, "tick")
    manage(site.product.environment, "verify_audit")
    assert "can be written" in site.second.command("doctor", check=False)
    assert not site.product.database.exists()


def test_an_attempt_goes_on_at_the_other_worker_when_the_first_is_gone(site: Site) -> None:
    guest = site.visitor()
    page = guest.prove(guest.begin("/reset/"), "email")
    site.first.vanish()
    page = guest.prove(page, "backup_codes")
    page = guest.set_password(page, guest.new)
    assert DONE in words(page)
    assert site.lab.bind(guest.person.dn, guest.new) is None


def test_the_other_worker_finds_out_what_became_of_a_write(site: Site) -> None:
    guest, before = site.visitor(), site.proxy.modifies
    page = submit_to_the_first(site, guest)
    site.second.start()
    site.first.vanish()
    guest.until(page, DONE)
    assert site.proxy.modifies == before + 1
    assert site.lab.bind(guest.person.dn, guest.new) is None


def test_another_worker_cannot_open_a_copy_of_a_job(site: Site) -> None:
    guest, before = site.visitor(), site.proxy.modifies
    page = guest.to_new_password()
    site.second.vanish()
    site.first.kill()  # its heartbeat is still believed
    page = guest.submit(page)
    (job,) = site.first.queued()
    site.second.start()
    refused = len(site.second.events("job.refused"))
    site.second.push(*[job] * 5)
    assert wait_until(lambda: len(site.second.events("job.refused")) == refused + 5, seconds=10)
    told = [facts["outcome"] for facts in site.second.events("job.refused")[refused:]]
    assert sorted(told) == [Outcome.REFUSED.value] * 4 + [Outcome.REKEY.value], "the first one closes it"
    assert site.proxy.modifies == before

    # The journal is that of the site: what one worker has closed, no other one does.
    site.first.child.start()
    guest.until(page, NOTHING)
    assert site.proxy.modifies == before
    assert site.lab.bind(guest.person.dn, guest.old) is None


def test_postgresql_restart_during_a_reset_is_shown_and_ends_in_the_true_outcome(
    site: Site,
) -> None:
    guest, before = site.visitor(), site.proxy.modifies
    page = submit_to_the_first(site, guest)

    site.postgres.stop()
    assert AWAY in words(guest.walker.get(page.path))
    assert AWAY in words(guest.walker.get("/reset/"))
    site.first.let_go()

    site.postgres.start()
    site.let_writes_end()
    guest.until(page, DONE)
    assert site.proxy.modifies == before + 1
    assert site.lab.bind(guest.person.dn, guest.new) is None
