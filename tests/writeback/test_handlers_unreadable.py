"""An account of which something may not be read: a stranger learns nothing, and nobody touches it."""

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.memory import ListAudit
from tests.fakes.worker import PASSWORD, FakeWorker, Registered
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, ResetPassword, SignIn, UnlockAccount
from writeback.envelope.methods import MethodKind
from writeback.worker_site import report_unreadable

NEW = "Spring-sun-77"
WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
REFUSED = Answer(outcome=Outcome.DIRECTORY_REFUSED)


def sign_in(worker: FakeWorker, name: str = "bob") -> Answer:
    return worker.ask(SignIn(site="main", name=name), PASSWORD)


def change(worker: FakeWorker, name: str = "bob") -> Answer:
    opened = worker.begin(name, Operation.CHANGE)
    return worker.ask(ChangePassword(site="main", attempt=opened.attempt), NEW, PASSWORD)


@pytest.mark.parametrize("verb", [sign_in, change])
def test_an_unreadable_account_answers_like_an_unknown_name(worker: FakeWorker, verb: object) -> None:
    ask = sign_in if verb is sign_in else change
    worker.corp.add("bob", unreadable=("userAccountControl",))
    assert ask(worker) == ask(worker, "nobody") == WRONG
    assert worker.corp.binds == worker.corp.writes == []


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK])
def test_a_registered_person_with_an_unreadable_account_gets_a_decoy(
    alice: Registered, operation: Operation
) -> None:
    worker = alice.worker
    before = len(worker.mails())
    worker.corp.change_account(alice.account.guid, unreadable=("adminCount",))
    opened = worker.begin("alice", operation)
    worker.start(opened.attempt, next(one.factor for one in opened.offers if one.method is MethodKind.EMAIL))
    assert len(worker.mails()) == before
    verdicts = [said.get("verdict") for event, _, said in worker.audit.events if event == "attempt.opened"]
    assert verdicts[-1] == "unreadable"


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK])
def test_after_the_proof_nothing_is_written_and_the_person_is_sent_to_the_administrators(
    alice: Registered, operation: Operation
) -> None:
    opened = alice.worker.begin("alice", operation)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    alice.worker.corp.change_account(alice.account.guid, locked=True, unreadable=("accountExpires",))
    if operation is Operation.RESET:
        answer = alice.worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW)
    else:
        answer = alice.worker.ask(UnlockAccount(site="main", attempt=opened.attempt))
    assert answer == REFUSED
    assert alice.worker.corp.writes == []


@pytest.mark.parametrize("verb", [sign_in, change])
def test_no_password_is_tried_where_it_could_lock_for_all_that_is_known(
    worker: FakeWorker, verb: object
) -> None:
    worker.corp.add("bob")
    worker.corp.threshold, worker.corp.hidden_lockout = 0, True
    assert (sign_in if verb is sign_in else change)(worker) == WRONG
    assert worker.corp.binds == worker.corp.writes == []


def test_administrators_are_told_of_an_unreadable_account_once() -> None:
    directory, audit = FakeDirectory(FakeClock()), ListAudit()
    hidden = directory.add("bob", unreadable=("adminCount", "mail"))
    for _ in range(2):
        report_unreadable(hidden, directory, audit)
    told = {"directory": "corp", "account": hidden.guid.hex(), "attributes": "adminCount, mail"}
    assert audit.events == [("account.unreadable", "", told)]
    assert "adminCount, mail" in directory.health().detail
