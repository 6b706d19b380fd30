"""The minimum age of a password: its owner is told from when, before anything is sent in vain."""

from dataclasses import replace

import pytest

from tests.fakes.worker import PASSWORD, FakeWorker, Registered, facts
from writeback.envelope.answers import Answer, AttemptOpened, Outcome, PolicyFacts, PolicyRefusal, Rule
from writeback.envelope.jobs import ChangePassword, Operation, ReadPolicy
from writeback.envelope.methods import MethodKind
from writeback.ports.filetime import filetime

NEW = "Spring-sun-77"
DAY = 24 * 3600


def young(worker: FakeWorker, name: str = "bob", *, age: int = 3600) -> int:
    """Add somebody whose password was set an hour ago, and return from when they may set another one."""
    worker.corp.rules = replace(worker.corp.rules, min_age=DAY)
    account = worker.corp.add(name)
    now = int(worker.clock.now())
    worker.corp.change_account(account.guid, pwd_last_set=filetime(now - age))
    return now - age + DAY


def change(worker: FakeWorker, name: str = "bob", *, old: str = PASSWORD) -> Answer:
    opened = worker.begin(name, Operation.CHANGE)
    return worker.ask(ChangePassword(site="main", attempt=opened.attempt), NEW, old)


def test_the_right_old_password_tells_from_when_a_change_is_possible(worker: FakeWorker) -> None:
    at = young(worker)
    answer = change(worker)
    assert answer.outcome is Outcome.REFUSED_BY_POLICY
    assert isinstance(answer.facts, PolicyRefusal)
    assert (answer.facts.rules, answer.facts.changeable_at) == ((Rule.MIN_AGE,), at)
    assert worker.corp.writes == []
    assert not worker.audit.of("write.intent")


def test_a_too_young_password_counts_no_try(worker: FakeWorker) -> None:
    at = young(worker)
    for _ in range(12):
        answer = change(worker)
        assert isinstance(answer.facts, PolicyRefusal)
        assert answer.facts.changeable_at == at
    worker.clock.move(DAY)
    assert change(worker).outcome is Outcome.DONE


def test_a_stranger_learns_no_password_age_and_each_try_counts(worker: FakeWorker) -> None:
    young(worker)
    of_bob = [change(worker, old="wrong") for _ in range(4)]
    of_nobody = [change(worker, "nobody", old="wrong") for _ in range(4)]
    assert of_bob == of_nobody
    assert of_bob[0] == Answer(outcome=Outcome.WRONG_PASSWORD)
    assert len(worker.corp.binds) == 3


@pytest.mark.parametrize("state", [{"pwd_last_set": 0, "must_change": True}, {"pwd_last_set": 1}])
def test_a_password_that_must_be_changed_or_is_old_is_not_too_young(
    worker: FakeWorker, state: dict[str, int]
) -> None:
    young(worker)
    (person,) = worker.corp.people.values()
    worker.corp.change_account(person.account.guid, **state)
    assert change(worker).outcome is Outcome.DONE


def proven(alice: Registered) -> AttemptOpened:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    return opened


def test_a_reset_says_from_when_it_works_before_a_password_is_typed(alice: Registered) -> None:
    worker, now = alice.worker, int(alice.worker.clock.now())
    worker.corp.rules = replace(worker.corp.rules, min_age=DAY)
    worker.corp.change_account(alice.account.guid, pwd_last_set=filetime(now - 60))
    opened = proven(alice)
    for _ in range(6):  # more often than passwords may be refused
        answer = worker.ask(ReadPolicy(site="main", attempt=opened.attempt))
        assert answer.outcome is Outcome.REFUSED_BY_POLICY
        assert isinstance(answer.facts, PolicyRefusal)
        assert answer.facts.changeable_at == now - 60 + DAY
    worker.corp.change_account(alice.account.guid, pwd_last_set=1)
    facts(worker.ask(ReadPolicy(site="main", attempt=opened.attempt)), PolicyFacts)


def test_before_proof_no_password_age_is_revealed(alice: Registered) -> None:
    worker = alice.worker
    worker.corp.rules = replace(worker.corp.rules, min_age=DAY)
    worker.corp.change_account(alice.account.guid, pwd_last_set=filetime(worker.clock.now()))
    answers = [
        worker.ask(ReadPolicy(site="main", attempt=worker.begin(name).attempt))
        for name in ("alice", "nobody")
    ]
    assert answers == [Answer(outcome=Outcome.NOT_PROVEN)] * 2
