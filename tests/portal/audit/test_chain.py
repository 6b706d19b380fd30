"""The audit chain shows what was done to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from portal.audit import triggers
from portal.audit.flows import pseudonym, record
from portal.audit.models import Event, Head
from portal.audit.queries import Verdict, verify, verify_end
from portal.audit.rules import GENESIS

pytestmark = pytest.mark.django_db


def _sql(text: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)

    return run


@pytest.fixture
def five() -> None:
    for number in range(5):
        record("test.event", reference="K7QM-2XHD", number=number)


def test_an_untouched_chain_is_whole(five: None) -> None:
    assert verify().broken_at == 0
    with pytest.raises(CommandError, match="5 events, unbroken") as told:
        call_command("verify_audit")
    assert told.value.returncode == 2  # no site has seen its end


def test_an_event_costs_three_statements_in_the_transaction_of_its_step(
    five: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with transaction.atomic(), django_assert_num_queries(3):  # and no savepoint
        record("test.event", reference="K7QM-2XHD")


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_step_leaves_no_event(five: None) -> None:
    with transaction.atomic():
        record("test.event", reference="K7QM-2XHD")
        transaction.set_rollback(True)
    assert Event.objects.count() == 5
    assert verify().broken_at == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_events_recorded_at_once_become_one_chain() -> None:
    def three(thread: int) -> None:
        for number in range(3):
            record("test.event", thread=thread, number=number)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(three, range(8)))
    assert sorted(Event.objects.values_list("number", flat=True)) == list(range(1, 25))
    assert verify().broken_at == 0


@pytest.mark.both
@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE audit_event SET reference = 'X' WHERE number = 2",
        "DELETE FROM audit_event WHERE number = 5",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "UPDATE audit_head SET number = 4",
        "UPDATE audit_head SET hash = 'X'",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_events(five: None, harm: str) -> None:
    triggers.drop(connection)
    triggers.create(connection)  # the tests' own database lacks those against removal
    with pytest.raises(IntegrityError, match=r"audit|Audit"), transaction.atomic():
        _sql(harm if connection.vendor == "postgresql" else harm.replace("TRUNCATE", "DELETE FROM"))()
    assert Event.objects.count() == 5
    assert verify().broken_at == 0
    record("test.event")
    assert verify() == Verdict(6, Event.objects.get(number=6).hash)


@pytest.mark.parametrize(
    ("harm", "spot"),
    [
        ("UPDATE audit_event SET facts = '{\"number\": 9}' WHERE number = 3", 3),
        ("UPDATE audit_event SET reference = 'X' WHERE number = 2", 2),
        ("DELETE FROM audit_event WHERE number = 4", 4),
        ("DELETE FROM audit_event WHERE number > 3", 4),
        ("UPDATE audit_event SET number = 99 WHERE number = 1", 1),
        ("UPDATE audit_event SET hash = previous WHERE number = 5", 5),
    ],
)
def test_each_change_of_the_rows_is_located(five: None, harm: str, spot: int) -> None:
    triggers.drop(connection)  # whoever does this may change the schema
    _sql(harm)()
    assert verify().broken_at == spot
    with pytest.raises(CommandError) as told:
        call_command("verify_audit")
    assert told.value.returncode == 1


@pytest.mark.parametrize("look", [verify, verify_end])
def test_an_event_recorded_during_verification_is_no_fault(five: None, look: Callable[[], Verdict]) -> None:
    reads = 0

    def record_between(execute: Callable[..., object], sql: str, *rest: object) -> object:
        """Record an event before every read but the first."""
        nonlocal reads
        reads += 1
        if reads > 1:
            connection.execute_wrappers.remove(record_between)  # what records also reads
            record("test.event")
            connection.execute_wrappers.append(record_between)
        return execute(sql, *rest)

    with connection.execute_wrapper(record_between):
        verdict = look()
    assert reads > 1
    assert (verdict.broken_at, verdict.why) == (0, "")
    assert look() == Verdict(Event.objects.count(), Event.objects.latest("number").hash)


@pytest.mark.parametrize("look", [verify, verify_end])
@pytest.mark.parametrize("left", [0, 3])
def test_a_head_set_back_is_a_fault_although_earlier_events_are_right(
    five: None, look: Callable[[], Verdict], left: int
) -> None:
    triggers.drop(connection)
    digest = Event.objects.get(number=left).hash if left else GENESIS
    Head.objects.update(number=left, hash=digest)
    verdict = look()
    assert (verdict.broken_at, verdict.why) == (left + 1, f"The chain ends at 5, but {left} were written.")


def test_events_are_neither_changed_nor_removed(five: None) -> None:
    event = Event.objects.get(number=1)
    for touch in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(event="x"),
    ):
        with pytest.raises(TypeError):
            touch()


def test_a_typed_name_is_kept_only_as_a_pseudonym_that_spelling_does_not_change() -> None:
    assert pseudonym(" Alice ") == pseudonym("alice") != pseudonym("bob")
    assert "alice" not in pseudonym("alice")
    assert pseudonym("\uff41lice") == pseudonym("alice")
