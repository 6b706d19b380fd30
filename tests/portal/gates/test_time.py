"""How long an attempt and a code last: told before, the same on both sides, and alike for everybody."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from sqlalchemy import select, update

from portal.gates.models import Attempt, Offer
from portal.selfservice.flows import follow, set_password
from portal.throttle.models import Throttle
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser, register, totp
from writeback.admission import Admission
from writeback.ceiling import Rate
from writeback.envelope.answers import Outcome
from writeback.envelope.secret import Secret
from writeback.state.tables import attempts, codes, hits

pytestmark = pytest.mark.slow


def let_pass(worker: FakeWorker, seconds: int) -> None:
    """Let everything that portal and worker know of attempts be so much older."""
    gone = timedelta(seconds=seconds)
    Attempt.objects.update(**{name: F(name) - gone for name in ("started", "touched", "expires")})
    Offer.objects.update(sent=F("sent") - gone)
    for looks in Throttle.objects.filter(bucket="looks"):
        looks.taken = [at - seconds for at in looks.taken]
        looks.save()
    with worker.state.writing() as tx:
        older = {name: attempts.c[name] - seconds for name in ("created", "touched", "expires")}
        tx.execute(update(attempts).values(**older))
        tx.execute(update(codes).values(expires=codes.c.expires - seconds))
        tx.execute(update(hits).values(at=hits.c.at - seconds))


@pytest.fixture
def seed(worker: FakeWorker, browser: Browser) -> str:
    worker.corp.add("alice")
    return register(browser, worker)


@pytest.fixture
def at_code(worker: FakeWorker, browser: Browser, seed: str) -> Browser:
    """Alice's browser, where a code from her app is asked for."""
    browser.get("/reset/").send({"name": "alice"})
    return browser.send({"offer": browser.offer("totp")})


def at_mail(worker: FakeWorker, browser: Browser, name: str) -> Browser:
    """A browser where a code from a mail is asked for."""
    worker.mails()
    worker.clock.move(2)  # past the pause between two mails
    browser.get("/reset/").send({"name": name})
    return browser.send({"offer": browser.offer("email")})


def ends(browser: Browser) -> list[str]:
    return re.findall(r'<time datetime="([^"]+)" data-moment="clock">', browser.text)


def test_looking_at_the_page_now_and_then_keeps_the_attempt_open(
    at_code: Browser, worker: FakeWorker, seed: str
) -> None:
    let_pass(worker, 8 * 60)
    at_code.get(at_code.url)
    let_pass(worker, 6 * 60)
    at_code.send({"code": totp(seed, worker)})
    assert at_code.url.endswith("/prove/"), at_code.text
    assert "Choose one more way" in at_code.text


def test_ten_idle_minutes_end_the_attempt_and_the_page_says_so(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 10 * 60)
    asked = len(the_box().sent)
    at_code.send({"code": "123456"})
    assert at_code.status == 410
    said = " ".join(at_code.text.split())
    assert "This attempt ended because nothing was done in it for 10 minutes. Nothing was changed." in said
    assert len(the_box().sent) == asked


def test_no_attempt_lasts_longer_than_fifteen_minutes(at_code: Browser, worker: FakeWorker) -> None:
    for _ in range(3):
        let_pass(worker, 4 * 60)
        assert at_code.get(at_code.url).status == 200
    let_pass(worker, 3 * 60)
    assert at_code.get(at_code.url).status == 410
    assert "its time has run out" in at_code.text


def test_each_page_says_when_it_ends_and_the_worker_agrees(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 2 * 60)
    first, latest = ends(at_code.get(at_code.url))
    attempt = Attempt.objects.get(operation="reset")
    assert (first, latest) == (attempt.ends.isoformat(), attempt.expires.isoformat())
    assert timedelta(minutes=9, seconds=59) <= attempt.ends - timezone.now() <= timedelta(minutes=10)
    with worker.state.reading() as tx:
        row = tx.execute(select(attempts).where(attempts.c.id == attempt.attempt_id)).one()
    hers = row.touched - (worker.clock.now() - time.time()) + worker.site.ceiling.attempts.idle
    assert attempt.ends.timestamp() == pytest.approx(hers, abs=2)


def test_near_the_latest_end_only_that_end_is_shown(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 9 * 60)
    at_code.get(at_code.url)
    assert len(ends(at_code)) == 1
    assert "For your safety this ends at" in at_code.text
    assert "I need more time" not in at_code.text


def test_a_page_that_is_loaded_again_and_again_asks_the_worker_once_a_minute(
    at_code: Browser, worker: FakeWorker
) -> None:
    asked = len(the_box().sent)
    for _ in range(5):
        at_code.get(at_code.url)
    assert len(the_box().sent) == asked
    let_pass(worker, 70)
    for _ in range(5):
        at_code.get(at_code.url)
    assert len(the_box().sent) == asked + 1


def no_room(worker: FakeWorker) -> None:
    full = Admission((Rate(count=1, seconds=3600),), worker.clock.now)
    full.wait()
    worker.intake = replace(worker.intake, admission=full)


def no_answer(worker: FakeWorker) -> None:
    the_box().holds = True


@pytest.mark.parametrize("trouble", [no_room, no_answer])
def test_the_worker_is_asked_once_a_minute_whatever_it_answers(
    at_code: Browser, worker: FakeWorker, trouble: Callable[[FakeWorker], None]
) -> None:
    let_pass(worker, 61)
    trouble(worker)
    asked = len(the_box().sent)
    for _ in range(3):
        at_code.get(at_code.url)
    assert len(the_box().sent) == asked + 1
    let_pass(worker, 61)
    for _ in range(3):
        at_code.get(at_code.url)
    assert len(the_box().sent) == asked + 2


@pytest.mark.race
def test_simultaneous_looks_ask_the_worker_once(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 61)
    asked = len(the_box().sent)

    def look(window: Browser) -> None:
        window.get(window.url)
        connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(look, [at_code.copy() for _ in range(6)]))
    assert len(the_box().sent) == asked + 1


def test_without_a_worker_the_page_shows_no_promised_end(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 5 * 60)
    before = Attempt.objects.get(operation="reset").ends
    the_box().disconnect()
    assert at_code.get(at_code.url).status == 200
    assert Attempt.objects.get(operation="reset").ends == before


def test_a_missing_answer_does_not_prolong_the_attempt(at_code: Browser, worker: FakeWorker) -> None:
    let_pass(worker, 5 * 60)
    before = Attempt.objects.get(operation="reset").ends
    the_box().disconnect()
    at_code.post(at_code.url, {"code": "123456"})
    assert "directory can&#x27;t be reached now" in at_code.text
    attempt = Attempt.objects.get(operation="reset")
    set_password(attempt, Secret(NEW), locale="en")
    assert attempt.outcome == Outcome.DIRECTORY_AWAY
    assert attempt.ends == before


def test_an_unsent_job_does_not_prolong_the_attempt(worker: FakeWorker, browser: Browser) -> None:
    browser.get("/reset/").send({"name": "nobody"})
    let_pass(worker, 5 * 60)
    sent = timezone.now() - timedelta(minutes=1)
    Attempt.objects.update(state=Attempt.State.SENT, sent=sent)
    attempt = Attempt.objects.get()
    before = attempt.ends
    follow(attempt)
    assert (attempt.state, attempt.outcome) == (Attempt.State.OPEN, Outcome.CLOSED)
    assert attempt.ends == before


def test_a_job_prolongs_the_attempt_from_when_it_was_sent(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("alice", password=OLD)
    browser.get("/change/").send({"name": "alice", "current": "wrong", "new": NEW, "confirm": NEW})
    attempt = Attempt.objects.get()
    assert attempt.outcome == Outcome.WRONG_PASSWORD
    assert attempt.touched == attempt.sent


def test_an_attempt_ended_by_the_worker_ends_at_the_next_look(at_code: Browser, worker: FakeWorker) -> None:
    with worker.state.writing() as tx:
        tx.execute(update(attempts).values(state="void"))
    let_pass(worker, 70)
    assert at_code.get(at_code.url).status == 410


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_the_page_shows_when_a_code_expires_and_then_offers_a_new_one(
    worker: FakeWorker, browser: Browser, seed: str, name: str
) -> None:
    at_mail(worker, browser, name)
    offer = Offer.objects.get(attempt__operation="reset", kind="email")
    assert offer.sent is not None
    assert ends(browser)[0] == (offer.sent + timedelta(minutes=5)).isoformat()
    let_pass(worker, 5 * 60)
    browser.send({"code": "12345678"})
    assert browser.status == 200
    assert "has expired: it was good until" in browser.text
    assert "Send a new code" in browser.text
    assert 'name="code"' not in browser.text
    browser.post(browser.url.replace("/code/", "/resend/"))
    said = unescape(browser.text)
    assert "If you've set up mail, a new one is on its way. Only the newest one works." in said
    assert "We've sent a new code" not in browser.text
    assert 'name="code"' in browser.text


def test_the_new_code_works(worker: FakeWorker, browser: Browser, seed: str) -> None:
    at_mail(worker, browser, "alice")
    old = worker.mailed_code()
    let_pass(worker, 5 * 60)
    browser.send({"code": old})
    browser.post(browser.url.replace("/code/", "/resend/"))
    browser.send({"code": worker.mailed_code()})
    assert "Choose one more way" in browser.text
