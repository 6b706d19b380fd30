"""Without a worker no journey can begin, and a waiting page keeps asking."""

from tests.journeys.rig import CLOSED, DONE, Rig
from tests.journeys.visitor import at_rest, words


def test_without_a_worker_all_first_pages_are_closed_and_nothing_is_sent(rig: Rig) -> None:
    guest = rig.visitor()
    mails = at_rest(rig.mailbox)
    form = guest.walker.get("/reset/")
    rig.worker.child.stop()
    rig.worker.forget_heartbeat()
    assert rig.is_closed()
    assert CLOSED in words(guest.walker.get("/"))
    for path in ("/reset/", "/unlock/", "/change/"):
        page = guest.walker.get(path)
        assert page.status == 503
        assert CLOSED in words(page)
    posted = guest.walker.fill(form, name=guest.person.name)
    assert posted.status == 503
    assert CLOSED in words(posted)
    assert rig.worker.queued() == []
    assert rig.mailbox.count == mails


def test_without_a_script_the_waiting_page_reloads_itself(rig: Rig) -> None:
    guest = rig.visitor()
    page = guest.to_new_password()
    rig.worker.kill()  # its heartbeat is still believed
    page = guest.submit(page)
    assert 'http-equiv="refresh"' in page.text
    rig.worker.start()
    page = guest.until(page, DONE)
    assert 'http-equiv="refresh"' not in page.text
