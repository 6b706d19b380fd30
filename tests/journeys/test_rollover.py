"""Keys change during a journey and nobody notices; a site that is switched off does nothing."""

from deploy.dev.demo.pairing import pin_portal, portal_enrolment
from deploy.dev.processes import wait_until
from tests.journeys.rig import CLOSED, DONE, NOTHING, WAITING, Rig
from tests.journeys.visitor import words
from writeback.envelope.answers import Outcome

AN_HOUR, OVER = 3600, 4000


def test_a_journey_runs_across_two_prekey_rolls(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    first = rig.worker.prekeys()
    page = guest.begin("/reset/")
    rig.worker.roll_prekey(age=AN_HOUR)
    assert len(rig.worker.prekeys()) == 2
    page = guest.prove(page, "email")
    rig.worker.roll_prekey(age=OVER)
    page = guest.prove(page, "backup_codes")
    assert page.path.endswith("/password/")
    page = guest.until(guest.submit(page), DONE)
    assert rig.proxy.modifies == before + 1
    assert not first & rig.worker.prekeys()


def test_a_job_in_flight_survives_a_new_rsa_key(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    beat = rig.worker.beat()
    rig.worker.kill()
    page = guest.submit(page)
    rig.worker.command("rollover")
    rig.worker.start()
    guest.until(page, DONE)
    assert rig.proxy.modifies == before + 1
    rig.worker.wait_for_beat(lambda now: now.rsa != beat.rsa)


def test_after_disable_nothing_is_done_until_both_sides_pair_again(rig: Rig) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = guest.to_new_password()
    rig.worker.kill()
    page = guest.submit(page)
    job = rig.worker.queued()
    rig.worker.empty_queue()
    rig.worker.start()

    rig.worker.command("disable")
    assert wait_until(lambda: not rig.worker.beats(), seconds=10)
    assert not rig.worker.vault.portal_file.exists()
    rig.worker.push(*job)
    assert rig.worker.wait_for_event("guard.refused")
    assert rig.is_closed()
    assert CLOSED in words(guest.walker.get("/"))
    assert WAITING in words(guest.walker.get(page.path))

    rig.worker.command("enable")
    pin_portal(rig.product.configuration, portal_enrolment(rig.product.environment))
    rig.worker.wait_for_beat(lambda beat: True)
    rig.worker.push(*job)  # sealed for an RSA key that is gone
    assert rig.worker.wait_for_refused(Outcome.REKEY, 1)
    rig.let_writes_expire()
    page = guest.until(page, NOTHING)
    assert rig.proxy.modifies == before
    page = guest.until(guest.submit(guest.again(page)), DONE)
    assert rig.proxy.modifies == before + 1
