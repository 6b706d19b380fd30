"""The site keeps how long the portal's audit was; one that was cut or replaced does not fit any more."""

from pathlib import Path

import pytest

from tests.envelope.keys import PORTAL, SITE
from tests.fakes.worker import FakeWorker, facts
from writeback.envelope.anchors import Anchored, is_anchored
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import AnchorAudit
from writeback.ports import Advance, Head
from writeback.state import SqlAnchors

A, B, C = (bytes([letter]) * 32 for letter in b"abc")


@pytest.fixture
def worker(tmp_path: Path) -> FakeWorker:
    return FakeWorker(tmp_path)


def show(
    worker: FakeWorker, number: int, digest: bytes, *, since: int = 0, since_hash: bytes = b""
) -> Answer:
    job = AnchorAudit(site="main", number=number, hash=digest, since=since, since_hash=since_hash)
    return worker.ask(job)


def kept(worker: FakeWorker) -> tuple[int, bytes]:
    anchored = facts(worker.ask(AnchorAudit(site="main")), Anchored)
    return anchored.number, anchored.hash


def events(worker: FakeWorker, name: str) -> list[dict[str, object]]:
    return [dict(told) for event, _, told in worker.audit.events if event == name]


def test_a_site_that_has_seen_nothing_says_so(worker: FakeWorker) -> None:
    assert facts(worker.ask(AnchorAudit(site="main")), Anchored) == Anchored(
        number=0, hash=b"", at=0, signature=b""
    )


def test_a_head_is_stored_signed_and_recorded_in_the_workers_audit(worker: FakeWorker) -> None:
    anchored = facts(show(worker, 7, A), Anchored)
    assert (anchored.number, anchored.hash, anchored.at) == (7, A, int(worker.clock.now()))
    assert is_anchored(anchored, by=SITE.public, state=worker.state.id)
    assert not is_anchored(anchored, by=PORTAL.public, state=worker.state.id)
    assert not is_anchored(anchored, by=SITE.public, state=bytes(16))
    assert events(worker, "portal.audit-anchored") == [{"number": 7, "hash": A.hex()}]


def test_a_stored_head_outlives_the_worker(worker: FakeWorker) -> None:
    show(worker, 7, A)
    assert kept(worker.successor()) == (7, A)


def test_a_longer_audit_that_goes_on_from_what_was_seen_is_kept(worker: FakeWorker) -> None:
    show(worker, 7, A)
    assert show(worker, 9, B, since=7, since_hash=A).outcome is Outcome.DONE
    assert kept(worker) == (9, B)


def test_the_same_head_again_is_no_news(worker: FakeWorker) -> None:
    show(worker, 7, A)
    assert show(worker, 7, A, since=7, since_hash=A).outcome is Outcome.DONE
    assert len(events(worker, "portal.audit-anchored")) == 1


class Quicker(SqlAnchors):
    """Anchors at which another worker is shown the first head right before this one is shown anything."""

    def advance(self, head: Head, *, since: Head) -> Advance:
        super().advance(Head(number=7, hash=A), since=Head())
        return super().advance(head, since=since)


@pytest.mark.parametrize(("number", "digest", "told"), [(7, A, []), (9, B, [{"number": 9, "hash": B.hex()}])])
def test_only_the_worker_that_stores_a_head_records_it(
    worker: FakeWorker, number: int, digest: bytes, told: list[dict[str, object]]
) -> None:
    worker.site.anchors = Quicker(worker.state, worker.clock)
    answer = show(worker, number, digest, since=7, since_hash=A)
    assert answer.outcome is Outcome.DONE
    assert facts(answer, Anchored).number == number
    assert events(worker, "portal.audit-anchored") == told


BROKEN = {
    "cut": (5, B, 7, b""),
    "emptied": (0, b"", 7, b""),
    "another last event": (7, B, 7, B),
    "another head of the same number": (7, B, 7, A),
    "shorter, and the old event is claimed": (6, B, 7, A),
    "written anew and longer": (9, C, 7, B),
    "an end that is no hash": (9, b"", 7, A),
    "an end that is too short": (9, B[:5], 7, A),
    "an end below zero": (-1, b"", 7, A),
    "an old event that is no hash": (9, B, 7, b"x"),
}


@pytest.mark.parametrize("shown", BROKEN.values(), ids=BROKEN.keys())
def test_an_audit_that_was_cut_or_replaced_is_refused_and_reported(
    worker: FakeWorker, shown: tuple[int, bytes, int, bytes]
) -> None:
    show(worker, 7, A)
    number, digest, since, since_hash = shown
    answer = show(worker, number, digest, since=since, since_hash=since_hash)
    assert answer.outcome is Outcome.REFUSED
    assert isinstance(answer.facts, Anchored)
    assert (answer.facts.number, answer.facts.hash) == kept(worker) == (7, A)
    (told,) = events(worker, "portal.audit-broken")
    assert (told["ends_at"], told["known"], told["known_hash"]) == (number, 7, A.hex())
    assert worker.worries() == {"portal-audit:seen"}


def test_the_later_of_two_simultaneous_anchors_raises_no_alarm(
    worker: FakeWorker,
) -> None:
    show(worker, 7, A)
    show(worker, 9, B, since=7, since_hash=A)
    late = show(worker, 8, C, since=7, since_hash=A)
    assert late.outcome is Outcome.REFUSED
    assert kept(worker) == (9, B)
    assert worker.worries() == set()


@pytest.mark.parametrize(
    "job",
    [
        AnchorAudit(site="main", number=-1, hash=A),
        AnchorAudit(site="main", number=1, hash=A[:31]),
        AnchorAudit(site="main", number=0, hash=A),
        AnchorAudit(site="main", number=1, hash=A, since=-3),
        AnchorAudit(site="main", number=1, hash=A, since=2, since_hash=b"x"),
        AnchorAudit(site="main", number=1),
    ],
)
def test_an_invalid_head_is_refused_and_not_stored(worker: FakeWorker, job: AnchorAudit) -> None:
    assert worker.ask(job).outcome is Outcome.REFUSED
    assert kept(worker) == (0, b"")
