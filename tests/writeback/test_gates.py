"""Every setting of [gates.*] is enforced: each row of the table fails where its setting is not looked at."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.fakes.worker import DAY, FakeWorker, Registered, ceiling_for_tests, enrol_all, facts, register
from writeback.ceiling import Gate
from writeback.envelope.answers import FactorPending, Outcome, SignedIn
from writeback.envelope.jobs import Operation, ResetPassword, UnlockAccount
from writeback.envelope.methods import MethodKind
from writeback.state.tables import factors

pytestmark = pytest.mark.slow

T, E, B = MethodKind.TOTP, MethodKind.EMAIL, MethodKind.BACKUP_CODES
LOOSE = Gate(methods_needed=1, families_needed=1)
TWO = Gate(methods_needed=2, families_needed=2)
# Of each setting: a gate that differs from LOOSE in it alone, proofs that it refuses, and some that it takes.
ROWS = [
    ("methods_needed", replace(LOOSE, methods_needed=2), [T], [T, B]),
    ("families_needed", replace(LOOSE, families_needed=2), [T], [T, B]),
    ("never_alone", replace(LOOSE, never_alone=frozenset({"totp"})), [T], [B]),
    ("never_alone", replace(LOOSE, never_alone=frozenset({"totp", "email"})), [T], [T, E]),
]
OPENED_BY_PROOFS = [Operation.RESET, Operation.UNLOCK, Operation.REGISTER]


def person_at(folder: Path, operation: Operation, gate: Gate, *, paper: bool = True) -> Registered:
    """Somebody with mail, app and perhaps paper, at a worker that has this gate."""
    usual = ceiling_for_tests()
    worker = FakeWorker(folder, ceiling=replace(usual, gates={**usual.gates, operation: gate}))
    return register(worker, paper=paper)


def outcome_of(person: Registered, operation: Operation, proofs: list[MethodKind]) -> Outcome:
    """Ask for an operation after these proofs, and for no other."""
    worker = person.worker
    opened = worker.sign_in("alice") if operation is Operation.REGISTER else worker.begin("alice", operation)
    person.prove(opened, *proofs)
    if operation is Operation.REGISTER:
        return worker.enrol(opened.attempt, T).outcome
    if operation is Operation.UNLOCK:
        return worker.ask(UnlockAccount(site="main", attempt=opened.attempt)).outcome
    return worker.ask(ResetPassword(site="main", attempt=opened.attempt), "Spring-sun-77").outcome


@pytest.mark.parametrize("operation", OPENED_BY_PROOFS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_gate_opens_for_what_it_asks_for_and_for_no_less(
    tmp_path: Path, operation: Operation, row: tuple[str, Gate, list[MethodKind], list[MethodKind]]
) -> None:
    setting, gate, too_few, enough = row
    person = person_at(tmp_path, operation, gate)
    assert outcome_of(person, operation, too_few) is Outcome.NOT_PROVEN, setting
    person.worker.clock.move(61)
    assert outcome_of(person, operation, enough) in {Outcome.DONE, Outcome.NOT_LOCKED}
    person.worker.state.close()


def test_the_table_has_a_row_for_each_setting_and_each_operation_stands_in_it() -> None:
    assert {row[0] for row in ROWS} == {field.name for field in fields(Gate)}
    # [gates.change] is refused at the start: the old password is its proof (test_config.py).
    assert {*OPENED_BY_PROOFS, Operation.CHANGE} == set(Operation)


def test_the_gate_holds_in_the_sign_in_that_registered_them_too(tmp_path: Path) -> None:
    usual = ceiling_for_tests()
    worker = FakeWorker(tmp_path, ceiling=replace(usual, gates={**usual.gates, Operation.REGISTER: TWO}))
    account = worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    bob = enrol_all(worker, session, account, "bob@home.example")
    worker.mails()
    worker.clock.move(14 * 60)
    offered = worker.list_factors(session.attempt)
    assert {one.method for one in offered.offers} == {T, E}
    opened = replace(session, offers=offered.offers)
    bob.prove(opened, T)
    assert worker.enrol(session.attempt, B).outcome is Outcome.NOT_PROVEN
    bob.prove(opened, E)
    assert worker.enrol(session.attempt, B).outcome is Outcome.DONE
    worker.state.close()


def test_a_person_with_fewer_ways_than_the_gate_needs_proves_all_of_them(tmp_path: Path) -> None:
    usual = ceiling_for_tests()
    worker = FakeWorker(tmp_path, ceiling=replace(usual, gates={**usual.gates, Operation.REGISTER: TWO}))
    account = worker.corp.add("alice", mail="")
    first = worker.sign_in("alice")
    mail = facts(worker.enrol(first.attempt, E, "alice@home.example"), FactorPending)
    assert worker.confirm(first.attempt, mail.factor, worker.mailed_code()).outcome is Outcome.DONE
    worker.clock.move(2 * DAY)
    alice = Registered(account=account, address="alice@home.example", seed="", worker=worker)
    assert outcome_of(alice, Operation.REGISTER, []) is Outcome.NOT_PROVEN
    worker.clock.move(61)
    assert outcome_of(alice, Operation.REGISTER, [E]) is Outcome.DONE
    worker.state.close()


def test_a_way_that_wrong_tries_switched_off_does_not_lower_the_gate(tmp_path: Path) -> None:
    alice = person_at(tmp_path, Operation.REGISTER, TWO, paper=False)
    with alice.worker.state.writing() as tx:
        tx.execute(update(factors).where(factors.c.method == T).values(state="disabled"))
    assert outcome_of(alice, Operation.REGISTER, [E]) is Outcome.NOT_PROVEN
    alice.worker.state.close()


def test_a_way_that_still_cools_down_is_offered_where_the_older_ones_do_not_suffice(tmp_path: Path) -> None:
    alice = person_at(tmp_path, Operation.REGISTER, TWO, paper=False)
    worker = alice.worker
    assert outcome_of(alice, Operation.REGISTER, [T, E]) is Outcome.DONE
    worker.clock.move(61)
    session = worker.sign_in("alice")
    alice.prove(session, T, E)
    remove_mail(worker, session)
    paper = facts(worker.enrol(session.attempt, B), FactorPending)
    assert worker.confirm(session.attempt, paper.factor, "").outcome is Outcome.DONE
    worker.clock.move(61)
    assert {one.method for one in worker.sign_in("alice").offers} == {T, B}
    worker.state.close()


def remove_mail(worker: FakeWorker, session: SignedIn) -> None:
    listed = worker.list_factors(session.attempt).factors
    mail = next(one.factor for one in listed if one.method is E)
    assert worker.remove(session.attempt, mail).outcome is Outcome.DONE
