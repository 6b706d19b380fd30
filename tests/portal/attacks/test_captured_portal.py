"""A captured portal: its key signs whatever it likes, and the worker decides all the same."""

import os
from typing import Any

import pytest

from portal.dispatch.flows import ask
from tests.fakes.directory import DOMAIN, Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, totp
from writeback.envelope.answers import Answer, AttemptOpened, FactorList, Outcome, SignedIn
from writeback.envelope.jobs import (
    Begin,
    ChangePassword,
    CheckFactor,
    ConfirmFactor,
    EnrolFactor,
    Job,
    ListFactors,
    Operation,
    RemoveFactor,
    ResetPassword,
    SignIn,
    StartFactor,
    UnlockAccount,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret

pytestmark = pytest.mark.usefixtures("alice")


def say(job: Job, *passwords: str) -> Answer:
    """Have a job done that no page of the portal would send."""
    answer = ask(job, passwords=[Secret(password) for password in passwords]).answer
    assert answer
    return answer


def begin(name: str, operation: Operation = Operation.RESET) -> AttemptOpened:
    facts = say(Begin(site="main", operation=operation, name=name)).facts
    assert isinstance(facts, AttemptOpened)
    return facts


def sign_in(name: str) -> SignedIn:
    facts = say(SignIn(site="main", name=name), OLD).facts
    assert isinstance(facts, SignedIn)
    return facts


def handle(opened: AttemptOpened | SignedIn, method: MethodKind) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is method)


def check(attempt: bytes, factor: bytes, code: str) -> Outcome:
    return say(CheckFactor(site="main", attempt=attempt, factor=factor, code=Secret(code))).outcome


def reset(attempt: bytes) -> Outcome:
    return say(ResetPassword(site="main", attempt=attempt), NEW).outcome


PROTECTED: dict[str, dict[str, Any]] = {
    "domain admin": {"sids": frozenset({f"{DOMAIN}-1200", f"{DOMAIN}-513", f"{DOMAIN}-512"})},
    "protected user": {"sids": frozenset({f"{DOMAIN}-1200", f"{DOMAIN}-513", f"{DOMAIN}-525"})},
    "builtin operators": {"sids": frozenset({f"{DOMAIN}-1200", f"{DOMAIN}-513", "S-1-5-32-548"})},
    "krbtgt": {"sids": frozenset({f"{DOMAIN}-502", f"{DOMAIN}-513"})},
    "adminCount only": {"admin_count": True},
    "service account": {"has_spn": True},
    "computer": {"person": False},
    "elsewhere": {"dn": "CN=alice,OU=Guests,DC=corp,DC=example"},
    "groups not readable": {"sids": frozenset()},
}


@pytest.mark.parametrize("what", list(PROTECTED))
def test_person_protected_after_the_proofs_is_not_touched(
    worker: FakeWorker, alice: Person, seed: str, what: str
) -> None:
    opened = begin("alice")
    worker.clock.move(2)
    worker.mails()
    say(StartFactor(site="main", attempt=opened.attempt, factor=handle(opened, MethodKind.EMAIL)))
    assert check(opened.attempt, handle(opened, MethodKind.EMAIL), worker.mailed_code()) == Outcome.DONE
    assert check(opened.attempt, handle(opened, MethodKind.TOTP), totp(seed, worker)) == Outcome.DONE
    worker.corp.change_account(alice.account.guid, **PROTECTED[what])
    assert reset(opened.attempt) in {Outcome.PROTECTED_ACCOUNT, Outcome.OUT_OF_SCOPE}
    assert reset(begin("alice").attempt) == Outcome.NOT_PROVEN
    assert worker.corp.writes == []


def test_attempts_without_proofs_at_this_worker_open_nothing(worker: FakeWorker, seed: str) -> None:
    first, second = begin("alice"), begin("alice")
    code = totp(seed, worker)
    assert check(second.attempt, handle(first, MethodKind.TOTP), code) == Outcome.FACTOR_GONE
    assert check(second.attempt, os.urandom(16), code) == Outcome.FACTOR_GONE
    assert check(os.urandom(16), handle(first, MethodKind.TOTP), code) == Outcome.ATTEMPT_GONE
    assert check(first.attempt, handle(first, MethodKind.TOTP), code) == Outcome.DONE
    assert check(second.attempt, handle(second, MethodKind.TOTP), code) == Outcome.WRONG_CODE
    for attempt in (first.attempt, second.attempt):
        assert reset(attempt) == Outcome.NOT_PROVEN
    assert reset(os.urandom(16)) == Outcome.ATTEMPT_GONE
    assert worker.corp.writes == []


def test_code_of_one_person_is_wrong_for_another(worker: FakeWorker, seed: str) -> None:
    worker.corp.add("bob")
    bob = begin("bob")
    hers = totp(seed, worker)
    outcomes = {check(bob.attempt, offer.factor, hers) for offer in bob.offers}
    assert outcomes <= {Outcome.WRONG_CODE, Outcome.CODE_EXPIRED}
    assert reset(bob.attempt) == Outcome.NOT_PROVEN


def test_worker_counts_guesses_whatever_the_portal_forgets(worker: FakeWorker, seed: str) -> None:
    for _ in range(5):
        opened = begin("alice")
        assert check(opened.attempt, handle(opened, MethodKind.TOTP), "000000") == Outcome.WRONG_CODE
    opened = begin("alice")
    right = totp(seed, worker)
    assert check(opened.attempt, handle(opened, MethodKind.TOTP), right) == Outcome.TOO_MANY_TRIES


@pytest.mark.parametrize("size", [0, 16, 31, 32, 33, 3000])
def test_browser_token_made_by_the_portal_buys_no_try(worker: FakeWorker, seed: str, size: int) -> None:
    """Only browsers in which somebody has proven enough have tries of their own."""
    for _ in range(5):
        opened = begin("alice")
        check(opened.attempt, handle(opened, MethodKind.TOTP), "000000")
    job = Begin(site="main", operation=Operation.RESET, name="alice", chain=os.urandom(size))
    facts = say(job).facts
    assert isinstance(facts, AttemptOpened)
    right = totp(seed, worker)
    assert check(facts.attempt, handle(facts, MethodKind.TOTP), right) == Outcome.TOO_MANY_TRIES


def test_proofs_are_good_only_for_the_operation_they_were_given_for(worker: FakeWorker, seed: str) -> None:
    unlock, session = begin("alice", Operation.UNLOCK), sign_in("alice")
    assert check(unlock.attempt, handle(unlock, MethodKind.TOTP), totp(seed, worker)) == Outcome.DONE
    assert check(session.attempt, handle(session, MethodKind.TOTP), totp(seed, worker)) == Outcome.DONE
    for attempt in (unlock.attempt, session.attempt, begin("alice", Operation.CHANGE).attempt):
        assert reset(attempt) == Outcome.ATTEMPT_GONE
    assert say(UnlockAccount(site="main", attempt=session.attempt)).outcome == Outcome.ATTEMPT_GONE
    job = ChangePassword(site="main", attempt=unlock.attempt)
    assert say(job, NEW, OLD).outcome == Outcome.ATTEMPT_GONE
    assert worker.corp.writes == []


def test_registered_person_gets_no_first_factor_from_a_typed_password(worker: FakeWorker) -> None:
    session = sign_in("alice")
    assert not session.first
    enrol = EnrolFactor(site="main", attempt=session.attempt, method=MethodKind.TOTP)
    assert say(enrol).outcome == Outcome.NOT_PROVEN
    listed = say(ListFactors(site="main", attempt=session.attempt)).facts
    assert isinstance(listed, FactorList)
    for there in listed.factors:
        remove = RemoveFactor(site="main", attempt=session.attempt, factor=there.factor)
        assert say(remove).outcome == Outcome.NOT_PROVEN
        confirm = ConfirmFactor(
            site="main", attempt=session.attempt, factor=there.factor, code=Secret("000000")
        )
        assert say(confirm).outcome == Outcome.FACTOR_GONE
    assert say(Begin(site="main", operation=Operation.REGISTER, name="alice")).outcome == Outcome.REFUSED


def test_password_spraying_ends_at_the_site_budget_and_locks_nobody(worker: FakeWorker) -> None:
    for number in range(50):
        worker.corp.add(f"person{number}")
    outcomes = [
        say(SignIn(site="main", name=f"person{number}"), "Sommer2026!").outcome
        for _ in range(3)
        for number in range(50)
    ]
    assert outcomes.count(Outcome.WRONG_PASSWORD) == 60
    assert set(outcomes[60:]) == {Outcome.SIGN_IN_CLOSED}
    assert not any(person.account.locked for person in worker.corp.people.values())


def test_worker_cannot_be_used_as_a_mail_relay(worker: FakeWorker) -> None:
    worker.mails()
    for _ in range(12):
        opened = begin("alice")
        say(StartFactor(site="main", attempt=opened.attempt, factor=handle(opened, MethodKind.EMAIL)))
        worker.clock.move(2)
    assert len(worker.mails()) <= 5
