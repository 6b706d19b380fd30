"""A worker is killed at the worst moments, and the page still shows what was done."""

import random

import pytest

from deploy.dev.demo.walker import Page
from tests.fakes import worker_program as at
from tests.journeys.rig import DONE, NOTHING, WAITING, Guest, Rig
from tests.journeys.visitor import words
from writeback.envelope.answers import Outcome


def submit_and_kill(rig: Rig, guest: Guest, point: str) -> Page:
    """Send a new password to a worker that is killed at that point; return what the browser sees."""
    page = guest.to_new_password()
    rig.worker.hold(point)
    page = guest.submit(page)
    assert WAITING in words(page)
    assert rig.worker.is_held()
    rig.worker.kill()
    return page


def test_worker_killed_before_intent_changed_nothing_and_one_click_tries_again(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = submit_and_kill(rig, guest, at.BEFORE_INTENT)
    rig.worker.start()
    page = guest.until(page, NOTHING)
    assert rig.proxy.modifies == before
    assert rig.lab.bind(guest.person.dn, guest.old) is None

    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, guest.new) is None


def test_worker_killed_before_the_modify_leaves_a_job_found_not_done(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    last_set = rig.lab.read(guest.person, "pwdLastSet")
    page = submit_and_kill(rig, guest, at.BEFORE_MODIFY)
    rig.worker.start()
    assert WAITING in words(guest.walker.get(page.path))  # for all that is known, a modify may be on its way
    rig.let_writes_end()
    page = guest.until(page, NOTHING)
    assert rig.proxy.modifies == before
    assert rig.lab.read(guest.person, "pwdLastSet") == last_set
    assert rig.lab.bind(guest.person.dn, guest.old) is None

    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1


def test_worker_killed_after_the_modify_leaves_a_job_found_done_and_reported_once(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = submit_and_kill(rig, guest, at.AFTER_MODIFY)
    assert rig.notices(page) == 0
    rig.worker.start()
    page = guest.until(page, DONE)
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, guest.new) is None
    assert rig.wait_for_notices(page, 1)
    rig.worker.kill()
    rig.worker.start()
    assert not rig.wait_for_notices(page, 2, seconds=1)


def test_worker_killed_before_its_answer_is_asked_for_the_outcome(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = submit_and_kill(rig, guest, at.BEFORE_ANSWER)
    rig.worker.start()
    page = guest.until(page, DONE)
    assert rig.proxy.modifies == before + 1
    assert rig.wait_for_notices(page, 1)


def test_the_portal_killed_while_it_waits_shows_the_result_afterwards(rig: Rig) -> None:
    guest = rig.visitor()
    page = guest.to_new_password()
    rig.worker.hold(at.BEFORE_ANSWER)
    page = guest.submit(page)
    rig.kill_portal()
    assert rig.worker.is_held()
    rig.worker.let_go()
    rig.product.portal.start()
    guest.until(page, DONE)


def test_a_stopped_worker_finishes_its_job_first(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.hold(at.BEFORE_MODIFY)
    page = guest.submit(page)
    assert rig.worker.is_held()
    process = rig.worker.child.process
    assert process
    process.terminate()
    rig.worker.let_go()
    assert process.wait(timeout=15) == 0
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, guest.new) is None
    rig.worker.start()
    guest.until(page, DONE)


def test_a_hundred_copies_of_a_job_among_junk_are_applied_once(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.kill()
    page = guest.submit(page)
    refused = rig.worker.refused(Outcome.REFUSED)
    (job,) = rig.worker.queued()
    copies = [job] * 100 + [b"{}", b"junk"] * 10
    random.Random(7).shuffle(copies)  # noqa: S311
    rig.worker.push(*copies)
    rig.worker.start()
    guest.until(page, DONE)
    rig.worker.push(*copies)
    set_to = guest.new
    assert rig.worker.wait_for_refused(Outcome.REFUSED, refused + 1)
    guest.begin("/reset/")  # a job behind all the copies: it is answered when they have been taken
    assert rig.worker.queued() == []
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, set_to) is None


def test_a_copy_delivered_after_the_jobs_end_is_never_applied(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.kill()
    page = guest.submit(page)
    copies = rig.worker.queued() * 20
    expired, refused = rig.worker.refused(Outcome.EXPIRED), rig.worker.refused(Outcome.REFUSED)
    rig.worker.set_clock(ahead=121)
    rig.worker.start()
    rig.worker.push(*copies)
    # The first one is closed in the journal, and the others are known.
    assert rig.worker.wait_for_refused(Outcome.EXPIRED, expired + 1)
    assert rig.worker.wait_for_refused(Outcome.REFUSED, refused + 20)
    rig.worker.kill()
    rig.worker.set_clock(ahead=0)
    rig.worker.start()
    rig.let_writes_expire()
    page = guest.until(page, NOTHING)
    rig.worker.push(*copies)  # within their life by this clock, but they were closed
    assert rig.worker.wait_for_refused(Outcome.REFUSED, refused + 40)
    assert rig.proxy.modifies == before
    assert rig.lab.bind(guest.person.dn, guest.old) is None


@pytest.fixture(autouse=True)
def _nothing_is_left_in_the_queue(rig: Rig) -> None:
    assert rig.worker.queued() == []
