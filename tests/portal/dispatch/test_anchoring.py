"""The site has seen where the portal's audit ended: who can write to the database can't take that back."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from portal.audit import triggers
from portal.audit.flows import record, thin_receipts
from portal.audit.models import Event, Head, Receipt
from portal.audit.queries import verify
from portal.audit.rules import GENESIS
from portal.dispatch.anchoring import ShownAudit, collect_ends, show_audit
from portal.dispatch.models import Site
from portal.dispatch.workers import replace_workers
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import worker
from writeback.envelope.answers import Outcome
from writeback.ports import anchors as seen
from writeback.state import SqlAnchors

__all__ = ["worker"]


def sql(statement: str, *values: str | int) -> None:
    triggers.drop(connection)  # whoever does this may change the schema
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def events(*numbers: int) -> None:
    for number in numbers:
        record("test.event", number=number)


def head() -> int:
    return Head.objects.get(pk=1).number


def cut(to: int, *, and_add: int = 0) -> None:
    """Remove the end of the audit, and make the rest whole; then go on."""
    last = Event.objects.get(number=to).hash if to else GENESIS
    sql("DELETE FROM audit_event WHERE number > %s", to)
    sql("UPDATE audit_head SET number = %s, hash = %s", to, last)
    events(*range(and_add))


def rewrite(start: int) -> None:
    """Write the audit anew from one event on, as a whole chain."""
    kept = list(Event.objects.order_by("number"))
    cut(start - 1)
    for event in kept[start - 1 :]:
        record(event.event, reference="FAKE-FAKE", **event.facts)


def verified() -> tuple[int, str]:
    """Run the command; return its status and what it says."""
    out = io.StringIO()
    try:
        call_command("verify_audit", stdout=out)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.fixture
def shown(worker: FakeWorker) -> int:
    """A site that has seen the audit twice; the number of the last event that it has seen."""
    events(1, 2, 3)
    assert show_audit()[0].outcome is Outcome.DONE
    events(4, 5, 6)
    assert show_audit() == [ShownAudit(site="main", outcome=Outcome.DONE, number=head())]
    return head()


def test_a_site_signs_what_it_has_seen_and_the_portal_keeps_it(shown: int, worker: FakeWorker) -> None:
    first, last = Receipt.objects.all()
    assert (last.number, last.hash) == (shown, Event.objects.get(number=shown).hash)
    assert first.number < last.number
    kept = worker.site.anchors.last()
    assert kept is not None
    assert (kept.head.number, kept.head.hash.hex()) == (last.number, last.hash)
    site = Site.objects.get()
    assert (site.anchored, site.misfit) == (shown, {})


def test_an_intact_audit_names_the_worker_that_has_seen_its_end(shown: int) -> None:
    events(7)
    status, said = verified()
    assert status == 0
    assert f"{shown + 1} events, unbroken." in said
    assert f"Event {shown} was seen by the site main on " in said


HARMS: dict[str, Callable[[int], object]] = {
    "cut by one": lambda last: cut(last - 1),
    "cut to the middle": lambda last: cut(2),
    "cut, and as long as before": lambda last: cut(last - 2, and_add=2),
    "cut, and longer than before": lambda last: cut(last - 2, and_add=3),
    "written anew from the start": lambda last: rewrite(1),
    "written anew from the middle": lambda last: rewrite(3),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
@pytest.mark.parametrize("with_receipts", [True, False], ids=["receipts kept", "receipts cut too"])
def test_a_cut_or_rewritten_audit_is_found_although_its_chain_is_whole(
    shown: int, harm: Callable[[int], object], with_receipts: bool
) -> None:
    harm(shown)
    if not with_receipts:
        Receipt.objects.all().delete()
    assert verify().broken_at == 0
    status, said = verified()
    assert status == 1
    assert "writeback audit reanchor" in said
    assert show_audit()[0].outcome is Outcome.REFUSED


def test_the_first_missing_event_is_named(shown: int) -> None:
    cut(shown - 2)
    _, said = verified()
    assert said.startswith(f"The chain ends at {shown - 2}, but the site main on ")
    assert f"events {shown - 1} to {shown} were removed." in said


def test_the_first_rewritten_event_that_a_worker_had_seen_is_named(shown: int) -> None:
    first = Receipt.objects.earliest("number").number
    rewrite(first + 1)
    _, said = verified()
    assert said.startswith(f"Event {shown} is not the one that the site main on ")
    assert f"up to event {first} all is as it was seen" in said


def test_a_forged_receipt_raises_no_alarm_and_hides_nothing(shown: int) -> None:
    Receipt.objects.update(hash="00" * 32)
    assert verified()[0] == 0
    cut(2)
    assert verified()[0] == 1


def test_without_a_worker_the_end_is_unchecked_and_the_exit_status_differs(shown: int) -> None:
    the_box().disconnect()
    replace_workers()
    status, said = verified()
    assert status == 2
    assert "unbroken" in said
    assert "The end could not be checked: no worker of the site main" in said
    cut(2)
    assert verified()[0] == 1  # the receipts are still there
    Receipt.objects.all().delete()
    assert verified()[0] == 2


def test_a_tick_without_a_worker_says_so_and_is_no_failure(shown: int) -> None:
    the_box().disconnect()
    replace_workers()
    out = io.StringIO()
    call_command("tick", stdout=out)
    assert "No worker of the site main says what it has seen of the audit." in out.getvalue()


def test_an_audit_that_nobody_has_seen_is_not_called_checked(worker: FakeWorker) -> None:
    events(1)
    status, said = verified()
    assert (status, "no site has seen any" in said) == (2, True)


def test_a_mismatch_is_recorded_once_but_each_tick_fails(shown: int) -> None:
    cut(shown - 1)
    for _ in range(2):
        with pytest.raises(CommandError, match="verify_audit"):
            call_command("tick", stdout=io.StringIO())
    (told,) = Event.objects.filter(event="audit.not-as-seen")
    assert (told.facts["site"], told.facts["seen"]) == ("main", shown)
    assert Site.objects.get().misfit["seen"] == shown


def test_after_a_restore_the_admin_of_the_worker_can_accept_the_audit(shown: int, worker: FakeWorker) -> None:
    cut(shown - 1)
    Receipt.objects.filter(number__gt=shown - 1).delete()  # as a backup of that time has it
    assert show_audit()[0].outcome is Outcome.REFUSED
    SqlAnchors(worker.state, worker.clock).forget()
    out = io.StringIO()
    call_command("tick", stdout=out)
    assert "The site main has seen the audit up to event" in out.getvalue()
    assert verified()[0] == 0
    assert Site.objects.get().misfit == {}


def test_a_restored_worker_is_shown_the_longer_audit(shown: int, worker: FakeWorker) -> None:
    anchors, first = SqlAnchors(worker.state, worker.clock), Receipt.objects.earliest("number")
    anchors.forget()
    anchors.advance(seen.Head(number=first.number, hash=bytes.fromhex(first.hash)), since=seen.Head())
    assert verified()[0] == 0
    assert show_audit() == [ShownAudit(site="main", outcome=Outcome.DONE, number=shown)]


def test_a_ceiling_without_anchoring_is_told_what_to_add(shown: int, worker: FakeWorker) -> None:
    worker.site.allowed = tuple(name for name in worker.site.allowed if name != "AnchorAudit")
    out = io.StringIO()
    call_command("tick", stdout=out)
    assert "add it to [operations]" in out.getvalue()
    assert verified()[0] == 2


def test_a_broken_hash_of_the_head_raises_the_alarm(shown: int, worker: FakeWorker) -> None:
    sql("UPDATE audit_head SET hash = %s", "no hex")
    assert show_audit()[0].outcome is Outcome.REFUSED
    assert Site.objects.get().misfit["seen"] == shown
    assert len(worker.audit.of("portal.audit-broken")) == 1
    assert verified()[0] == 1


def test_only_the_last_receipt_of_each_earlier_day_is_kept(shown: int) -> None:
    now = datetime.now(UTC)
    Receipt.objects.all().delete()
    for number, days in enumerate((3, 3, 2, 2, 2, 0, 0), start=1):
        at = now - timedelta(days=days)
        Receipt.objects.create(site="main", number=number, hash="00" * 32, at=at, signature=b"")
    assert thin_receipts() == 3
    assert sorted(Receipt.objects.values_list("number", flat=True)) == [2, 5, 6, 7]


def test_reading_the_audit_adds_no_event(shown: int) -> None:
    show_audit()
    assert head() == shown
    assert Client().get("/").status_code == 200
    assert len(collect_ends().seen) == 3
