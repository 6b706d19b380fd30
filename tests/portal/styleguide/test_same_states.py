"""The styleguide's pages say what the real views say of the same attempts, kept in the database."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.gates.models import Attempt, Offer
from portal.selfservice.queries import is_refused
from portal.styleguide import samples
from portal.styleguide.results import ANSWERS, answer_with
from portal.styleguide.samples import offer, offers
from tests.fakes.worker import FakeWorker
from tests.portal.styleguide.words import guide_words, words_of
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import Operation
from writeback.envelope.methods import MethodKind

TOTP, EMAIL, BACKUP_CODES = MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES


def keep(attempt: Attempt, there: Sequence[Offer] = (), *, chosen: Offer | None = None) -> Client:
    """Keep an attempt of the styleguide as if it were of now; return the browser that began it.

    Args:
        attempt: not kept yet.
        there: its ways.
        chosen: that one of them whose code is to be typed; it takes the place of one of its kind.
    """
    Attempt.objects.all().delete()
    later = timezone.now() - samples.AT
    for name in ("started", "expires", "touched", "sent"):
        at = getattr(attempt, name)
        setattr(attempt, name, at and at + later)
    attempt.save()
    for each in [chosen if chosen and one.kind == chosen.kind else one for one in there]:
        each.attempt = attempt
        each.sent = each.sent and each.sent + later
        each.closed_until = each.closed_until and each.closed_until + later
        each.save()
    client = Client()
    session = client.session
    session["attempt"], session["attempts"] = attempt.public_id, [attempt.public_id]
    session["offer"] = chosen.handle if chosen else ""
    session.save()
    return client


def words_at(client: Client, address: str) -> list[str]:
    """Return the words of a page, whatever its status."""
    return words_of(client.get(address).content.decode())


def begun(operation: Operation = Operation.RESET) -> Attempt:
    """Return an attempt in which something has just been done, so that no worker is told of a look."""
    made = samples.attempt(operation)
    made.touched = samples.AT
    return made


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("prove", offers()),
        ("prove-second", offers(proven={TOTP})),
        ("prove-closed", offers(closed={TOTP})),
        ("prove-only-second", offers({TOTP, EMAIL}, proven={TOTP})),
        ("prove-only-of-two", offers(closed={TOTP, BACKUP_CODES})),
    ],
)
def test_choosing_a_way(worker: FakeWorker, name: str, there: list[Offer]) -> None:
    client = keep(begun(), there)
    assert words_at(client, f"/attempt/{samples.PUBLIC_ID}/prove/") == guide_words(name)


@pytest.mark.parametrize(
    ("name", "chosen", "query"),
    [
        ("code-mail-late", offer(EMAIL, sent=90), ""),
        ("code-mail-sent-again", offer(EMAIL, sent=0), "?sent=again"),
        ("code-too-old", offer(EMAIL, sent=360), ""),
        ("code-used-up", offer(EMAIL, sent=200, used_up=True), ""),
        ("code-app", offer(TOTP), ""),
        ("code-backup", offer(BACKUP_CODES), ""),
    ],
)
def test_typing_a_code(worker: FakeWorker, name: str, chosen: Offer, query: str) -> None:
    client = keep(begun(), offers(), chosen=chosen)
    assert words_at(client, f"/attempt/{samples.PUBLIC_ID}/code/{query}") == guide_words(name)


def test_typing_the_code_of_the_only_way(worker: FakeWorker) -> None:
    client = keep(begun(), offers({TOTP}), chosen=offer(TOTP))
    assert words_at(client, f"/attempt/{samples.PUBLIC_ID}/code/") == guide_words("code-app-only")


def test_an_attempt_whose_ways_are_used_up(worker: FakeWorker) -> None:
    there = offers(closed=samples.KINDS)
    there[0].closed_until = samples.AT + timedelta(minutes=12)
    assert words_at(keep(begun(), there), f"/attempt/{samples.PUBLIC_ID}/prove/") == guide_words("used-up")


def test_attempts_that_cannot_go_on(worker: FakeWorker) -> None:
    address = f"/attempt/{samples.PUBLIC_ID}/prove/"
    assert words_at(keep(begun()), address) == guide_words("stuck")
    assert words_at(keep(samples.make_idle(600)), address) == guide_words("ended")


@pytest.mark.parametrize("name", ANSWERS)
def test_results(worker: FakeWorker, name: str) -> None:
    client = keep(samples.make_answered(*ANSWERS[name]))
    assert words_at(client, f"/result/{samples.PUBLIC_ID}/") == guide_words(name)


def test_result_of_a_form_that_was_sent_twice(worker: FakeWorker) -> None:
    client = keep(samples.make_answered(*ANSWERS["done"], twice=True))
    assert words_at(client, f"/result/{samples.PUBLIC_ID}/") == guide_words("done-sent-twice")


def test_result_of_every_outcome(worker: FakeWorker) -> None:
    differing = {}
    for outcome in Outcome:
        attempt = samples.make_answered(Operation.RESET, answer_with(outcome))
        if is_refused(attempt):  # the page of a new password says it: test_same_words
            continue
        real = words_at(keep(attempt), f"/result/{samples.PUBLIC_ID}/")
        shown = guide_words(f"ending-{outcome}")
        if real != shown:
            differing[outcome] = (real, shown)
    assert differing == {}
