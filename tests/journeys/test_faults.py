"""The directory, Redis or the clock fails, and the page still shows what was done."""

import time

from tests.fakes import worker_program as at
from tests.journeys.rig import CLOSED, DONE, NOTHING, WAITING, Rig
from tests.journeys.visitor import REFERENCE, words
from writeback.envelope.answers import DirectoryState

AWAY = "directory can't be reached now. Nothing was changed."
UNSURE = "We couldn't confirm what the directory did."


def test_a_lost_result_is_shown_as_not_sure_and_then_found_out(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.proxy.loses_answer = True
    page = guest.until(guest.submit(page), UNSURE)
    rig.proxy.loses_answer = False
    assert REFERENCE.search(page.text)
    rig.let_writes_end()
    page = guest.until(page, DONE)
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, guest.new) is None
    assert rig.wait_for_notices(page, 1)


def test_a_lost_write_is_shown_as_not_sure_and_then_found_not_done(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.proxy.loses_request = True
    page = guest.until(guest.submit(page), UNSURE)
    rig.proxy.loses_request = False
    rig.let_writes_end()
    page = guest.until(page, NOTHING)
    assert rig.proxy.modifies == before
    assert rig.lab.bind(guest.person.dn, guest.old) is None
    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1


def test_a_result_that_nobody_can_find_out_stays_not_sure(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.proxy.loses_answer = True
    page = guest.until(guest.submit(page), UNSURE)
    rig.proxy.down()
    rig.let_writes_end()
    rig.let_writes_expire()
    page = guest.walker.get(page.path)
    assert UNSURE in words(page)
    assert REFERENCE.search(page.text)
    assert rig.proxy.modifies == before + 1
    guest.old = guest.new  # AD has set it, though nobody could find that out


def test_a_directory_that_is_down_is_shown_at_once_and_no_proof_is_lost(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.proxy.down()
    started = time.monotonic()
    page = guest.until(guest.submit(page), AWAY)
    assert time.monotonic() - started < 8
    rig.proxy.up()
    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1


def test_a_directory_that_hangs_is_shown_within_the_wait_of_a_page(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.proxy.stall()
    started = time.monotonic()
    page = guest.until(guest.submit(page), AWAY)
    assert time.monotonic() - started < 10
    rig.proxy.flow()
    assert rig.proxy.modifies == before
    assert rig.lab.bind(guest.person.dn, guest.old) is None


def test_a_directory_that_is_down_closes_the_first_page(rig: Rig) -> None:
    rig.proxy.down()
    rig.worker.wait_for_directory(DirectoryState.DOWN)
    assert rig.is_closed()
    assert CLOSED in words(rig.visitor().walker.get("/"))


def test_after_redis_lost_the_job_one_click_tries_again(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.kill()
    page = guest.submit(page)
    assert WAITING in words(page)
    rig.redis.kill()
    rig.redis.start()
    assert rig.worker.queued() == []
    rig.worker.start()
    assert WAITING in words(guest.walker.get(page.path))
    rig.let_writes_expire()
    page = guest.until(page, NOTHING)
    assert rig.proxy.modifies == before
    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1


def test_redis_restarts_and_the_worker_is_back_within_15_seconds(rig: Rig) -> None:
    guest = rig.visitor()
    page = guest.to_new_password()
    worker = rig.worker.child.process
    rig.redis.kill()
    rig.redis.start()
    rig.worker.wait_for_beat(lambda beat: True, seconds=15)
    guest.until(guest.submit(page), DONE)
    assert rig.worker.child.process is worker
    assert rig.worker.child.alive()


def test_an_answer_deleted_from_redis_is_asked_for_again(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.hold(at.BEFORE_ANSWER)
    page = guest.submit(page)
    assert WAITING in words(page)
    assert rig.worker.is_held()
    rig.worker.let_go()
    assert rig.delete_answers()
    guest.until(page, DONE)
    assert rig.proxy.modifies == before + 1


def test_a_job_refused_by_a_full_redis_is_found_not_done_and_the_attempt_goes_on(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.set_memory("1mb")
    page = guest.submit(page)
    assert WAITING in words(page)  # Redis says that it refused the job, and may lie
    rig.set_memory("64mb")
    rig.let_writes_expire()
    page = guest.until(page, NOTHING)
    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1


def test_a_clock_five_minutes_off_is_reported_and_closes_the_first_page(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.set_clock(ahead=-300)
    page = guest.until(guest.submit(page), "The clocks of two of our servers are too far apart")
    assert NOTHING in words(page)
    assert rig.proxy.modifies == before
    rig.worker.set_clock(ahead=300)
    rig.worker.wait_for_beat(lambda beat: beat.time > time.time() + 200)
    assert rig.is_closed()
    assert CLOSED in words(guest.walker.get("/"))
    rig.worker.set_clock(ahead=0)
    assert rig.is_open()
