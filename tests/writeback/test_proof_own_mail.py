"""A mail address in the directory that can't be sent to: told to administrators, and not the same as none."""

import pytest

from tests.fakes.worker import DAY, PASSWORD, FakeWorker, Registered, enrol_all, step_up
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ResetPassword, SignIn
from writeback.envelope.methods import MethodKind

UNUSABLE = {
    "Bob Baker <bob@mail.example>": "no-address",
    "bob@mail.example; bob@home.example": "no-address",
    "bob@mail.example,bob@home.example": "no-address",
    "bob": "no-address",
    "bob.@mail.example": "no-address",
    "jörg@mail.example": "local-part-not-ascii",
    "bob@mail": "no-domain",
    "bob@mail..example": "no-domain",
    "b" * 65 + "@mail.example": "too-long",
}


@pytest.mark.parametrize("address", UNUSABLE)
def test_the_password_alone_does_not_do_where_the_directory_has_an_unusable_address(
    worker: FakeWorker, address: str
) -> None:
    worker.corp.add("bob", mail=address)
    assert worker.ask(SignIn(site="main", name="bob"), PASSWORD) == Answer(outcome=Outcome.BAD_DESTINATION)


def test_a_wrong_password_tells_nothing_of_the_address(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="jörg@mail.example")
    assert worker.ask(SignIn(site="main", name="bob"), "wrong").outcome is Outcome.WRONG_PASSWORD
    assert not worker.audit.of("account.mail-unusable")


@pytest.mark.parametrize("address", UNUSABLE)
def test_administrators_learn_the_person_and_the_reason_but_not_the_address(
    worker: FakeWorker, address: str
) -> None:
    account = worker.corp.add("bob", mail=address)
    worker.ask(SignIn(site="main", name="bob"), PASSWORD)
    (told,) = worker.audit.of("account.mail-unusable")
    assert (told["account"], told["why"]) == (account.guid.hex(), UNUSABLE[address])
    assert "@" not in str(worker.audit.events)


@pytest.mark.parametrize("address", ["", " ", "bob@mail.example", "bob@mail.example.", "bob@straße.example"])
def test_a_missing_or_usable_address_is_not_reported(worker: FakeWorker, address: str) -> None:
    worker.corp.add("bob", mail=address)
    session = worker.sign_in("bob")
    assert bool(session.offers) is bool(address.strip())
    assert not worker.audit.of("account.mail-unusable")


def test_an_address_made_unusable_after_the_sign_in_opens_nothing(worker: FakeWorker) -> None:
    account = worker.corp.add("bob")
    session = worker.sign_in("bob")
    worker.corp.change_account(account.guid, mail="Bob <bob@mail.example>")
    assert worker.enrol(session.attempt, MethodKind.TOTP).outcome is Outcome.NOT_PROVEN


def test_a_registered_person_goes_on_and_administrators_are_told(alice: Registered) -> None:
    worker = alice.worker
    worker.corp.change_account(alice.account.guid, mail="Alice <alice@mail.example>")
    assert worker.sign_in("alice").offers
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    worker.mails()
    answer = worker.ask(ResetPassword(site="main", attempt=opened.attempt), "Autumn-leaves-77")
    assert answer.outcome is Outcome.DONE
    assert [note.to.reveal() for note in worker.mails()] == ["alice@home.example"]
    assert len(worker.audit.of("account.mail-unusable")) == 2


def test_registration_goes_on_once_the_address_is_corrected(worker: FakeWorker) -> None:
    account = worker.corp.add("bob", mail="Bob <bob@mail.example>")
    worker.ask(SignIn(site="main", name="bob"), PASSWORD)
    worker.corp.change_account(account.guid, mail="bob@mail.example")
    session = worker.sign_in("bob")
    assert session.first
    assert session.offers[0].hint == "b•••@mail.example"


def test_an_added_spelling_of_a_box_does_not_stand_in_for_the_directorys_address(worker: FakeWorker) -> None:
    account = worker.corp.add("alice", mail="alice@corp.example")
    session = worker.sign_in("alice")
    step_up(worker, session)
    worker.clock.move(61)
    person = enrol_all(worker, session, account, "alice+thief@corp.example")
    spellings = {"alice@corp.example", "alice+thief@corp.example"}
    assert {mail.to.reveal() for mail in worker.mails() if mail.kind.startswith("notice-")} == spellings
    worker.clock.move(2 * DAY)
    opened = worker.begin("alice")
    person.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    worker.mails()
    reset = ResetPassword(site="main", attempt=opened.attempt)
    assert worker.ask(reset, "Spring-sun-77").outcome is Outcome.DONE
    assert sorted(mail.to.reveal() for mail in worker.mails()) == sorted(spellings)
