"""Factors, limits and attempts belong to an objectGUID, whatever the account is called and wherever it is."""

from typing import Any

import pytest

from tests.fakes.worker import PASSWORD, FakeWorker, Registered, facts
from writeback.envelope.answers import Answer, AttemptOpened, Outcome, SignedIn
from writeback.envelope.jobs import ResetPassword, SignIn
from writeback.envelope.methods import MethodKind

NEW = "Quiet-river-1881"
METHODS = {MethodKind.EMAIL, MethodKind.TOTP}
RENAMED = {
    "name": "alice.smith",
    "upn": "alice.smith@corp.example",
    "dn": "CN=Alice Smith,OU=Staff,DC=corp,DC=example",
    "display_name": "Alice Smith",
}
MOVED = {"dn": "CN=alice,OU=Nurses,OU=Staff,DC=corp,DC=example"}
CHANGES = pytest.mark.parametrize("changes", [RENAMED, MOVED], ids=["renamed", "moved"])


def rename(person: Registered, **changes: Any) -> None:
    person.worker.corp.change_account(person.account.guid, **changes)


def reset(worker: FakeWorker, opened: AttemptOpened) -> Answer:
    return worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW)


def takes_app_of(person: Registered, *, name: str) -> bool:
    """Tell whether the code of a person's app is right in a reset under a name."""
    person.worker.clock.move(60)  # a code counts once
    opened = person.worker.begin(name)
    handle = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    return person.worker.check(opened.attempt, handle, person.app_code()).outcome is Outcome.DONE


def make_again(person: Registered) -> bytes:
    """Delete an account and make another one with the same names; return its objectGUID."""
    corp, old = person.worker.corp, person.account
    del corp.people[old.guid]
    return corp.add(old.name, mail=old.mail).guid


@CHANGES
def test_person_keeps_their_factors(alice: Registered, changes: dict[str, str]) -> None:
    rename(alice, **changes)
    opened = alice.worker.begin(changes.get("name", "alice"))
    alice.prove(opened, *METHODS)
    assert reset(alice.worker, opened).outcome is Outcome.DONE
    assert alice.worker.corp.people[alice.account.guid].password == NEW


@CHANGES
def test_open_attempt_goes_on(alice: Registered, changes: dict[str, str]) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.EMAIL)
    rename(alice, **changes)
    alice.prove(opened, MethodKind.TOTP)
    assert reset(alice.worker, opened).outcome is Outcome.DONE
    assert alice.worker.corp.people[alice.account.guid].password == NEW


def test_signed_in_session_goes_on(alice: Registered) -> None:
    session = alice.worker.sign_in("alice")
    rename(alice, **RENAMED)
    assert {factor.method for factor in alice.worker.list_factors(session.attempt).factors} == METHODS


@CHANGES
def test_limits_of_a_person_stay(alice: Registered, changes: dict[str, str]) -> None:
    worker = alice.worker
    for _ in range(3):
        assert worker.ask(SignIn(site="main", name="alice"), "Wrong-1").outcome is Outcome.WRONG_PASSWORD
    rename(alice, **changes)
    binds = len(worker.corp.binds)
    answer = worker.ask(SignIn(site="main", name=changes.get("name", "alice")), PASSWORD)
    # Invented names hear of wrong tries under that name only; a new name must not tell of the old one's.
    is_renamed = "name" in changes
    assert answer.outcome is (Outcome.WRONG_PASSWORD if is_renamed else Outcome.TOO_MANY_TRIES)
    assert len(worker.corp.binds) == binds


def test_move_out_of_scope_ends_an_attempt_before_the_write(alice: Registered) -> None:
    assert takes_app_of(alice, name="alice")
    alice.worker.clock.move(60)
    opened = alice.worker.begin("alice")
    alice.prove(opened, *METHODS)
    rename(alice, dn="CN=alice,OU=Admins,DC=corp,DC=example")
    assert reset(alice.worker, opened).outcome is Outcome.OUT_OF_SCOPE
    assert alice.worker.corp.people[alice.account.guid].password == PASSWORD
    assert not takes_app_of(alice, name="alice")


def test_account_made_again_inherits_no_factor(alice: Registered) -> None:
    assert takes_app_of(alice, name="alice")
    make_again(alice)
    assert not takes_app_of(alice, name="alice")
    session = facts(alice.worker.ask(SignIn(site="main", name="alice"), PASSWORD), SignedIn)
    assert session.first
    assert alice.worker.list_factors(session.attempt).factors == ()


def test_attempt_of_a_deleted_account_does_not_reach_the_one_made_again(alice: Registered) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, *METHODS)
    guid = make_again(alice)
    assert reset(alice.worker, opened).outcome is Outcome.ACCOUNT_GONE
    assert alice.worker.corp.people[guid].password == PASSWORD
    assert alice.worker.corp.writes == []


def test_session_of_a_deleted_account_changes_nothing_for_the_one_made_again(alice: Registered) -> None:
    session = alice.worker.sign_in("alice")
    alice.prove(session, MethodKind.TOTP)
    make_again(alice)
    again = alice.worker.sign_in("alice")
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.ACCOUNT_GONE
    assert alice.worker.list_factors(again.attempt).factors == ()


def test_newcomer_with_the_former_name_gets_their_own_account_only(alice: Registered) -> None:
    assert takes_app_of(alice, name="alice")
    rename(alice, **RENAMED)
    newcomer = alice.worker.corp.add("alice")
    assert not takes_app_of(alice, name="alice")
    assert alice.worker.sign_in("alice").account == newcomer.guid
    alice.worker.clock.move(60)
    opened = alice.worker.begin("alice.smith")
    alice.prove(opened, *METHODS)
    assert reset(alice.worker, opened).outcome is Outcome.DONE
    assert alice.worker.corp.writes == ["reset alice.smith"]
    assert alice.worker.corp.people[newcomer.guid].password == PASSWORD
