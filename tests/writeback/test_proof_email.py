"""Codes by mail: the newest only, for a few minutes and tries, where they were asked for."""

import json
import string
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.fakes.worker import FakeWorker, Registered, facts
from writeback.envelope.answers import Answer, AttemptOpened, FactorPending, Outcome, Wait
from writeback.envelope.jobs import Operation, reference_of
from writeback.envelope.methods import MethodKind
from writeback.ports import Channel
from writeback.proof.destination import Destination, hint_of, make_up_destination, read_destination
from writeback.proof.mailbox import box_of, mask
from writeback.state.tables import outbox

WRONG = Answer(outcome=Outcome.WRONG_CODE)
TOO_OLD = Answer(outcome=Outcome.CODE_EXPIRED)


def mail_of(opened: AttemptOpened) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)


def asked(alice: Registered) -> tuple[AttemptOpened, str]:
    """An attempt of alice and the code that was sent in it."""
    opened = alice.worker.begin("alice")
    assert alice.worker.start(opened.attempt, mail_of(opened)).outcome == Outcome.DONE
    return opened, alice.worker.mailed_code()


def check(alice: Registered, opened: AttemptOpened, code: str) -> Answer:
    return alice.worker.check(opened.attempt, mail_of(opened), code)


def other(code: str) -> str:
    return code[:-1] + ("1" if code[-1] == "0" else "0")


def test_a_code_goes_to_the_registered_address_and_names_the_operation(alice: Registered) -> None:
    opened = alice.worker.begin("alice", Operation.UNLOCK)
    alice.worker.start(opened.attempt, mail_of(opened))
    (note,) = alice.worker.mails()
    assert (note.kind, note.to.reveal(), note.life) == ("code-unlock", "alice@home.example", 300)
    assert note.parameters["minutes"] == "5"
    assert note.parameters["reference"] == reference_of(opened.attempt)
    assert len(note.parameters["code"]) == 8
    assert set(note.parameters["code"]) <= set(string.digits)


def test_a_code_is_right_once(alice: Registered) -> None:
    opened, code = asked(alice)
    assert check(alice, opened, code).outcome == Outcome.DONE
    assert check(alice, opened, code) == TOO_OLD


def test_a_code_is_too_old_after_five_minutes(alice: Registered) -> None:
    opened, code = asked(alice)
    alice.worker.clock.move(299)
    assert check(alice, opened, other(code)) == WRONG
    alice.worker.clock.move(1)
    assert check(alice, opened, code) == TOO_OLD


def test_a_code_has_three_tries(alice: Registered) -> None:
    opened, code = asked(alice)
    assert [check(alice, opened, other(code)) for _ in range(3)] == [WRONG, WRONG, TOO_OLD]
    assert check(alice, opened, code) == TOO_OLD


def test_only_the_newest_code_is_right(alice: Registered) -> None:
    opened, first = asked(alice)
    alice.worker.clock.move(61)
    alice.worker.start(opened.attempt, mail_of(opened))
    second = alice.worker.mailed_code()
    assert check(alice, opened, first) == WRONG
    assert check(alice, opened, second).outcome == Outcome.DONE


def test_a_new_code_has_tries_of_its_own_and_so_many_codes_are_sent(alice: Registered) -> None:
    """Ten codes a day and three tries at each: that is the bound of what can be guessed."""
    opened, code = asked(alice)
    for _ in range(4):
        assert [check(alice, opened, other(code)) for _ in range(4)] == [WRONG] * 2 + [TOO_OLD] * 2
        alice.worker.clock.move(61)
        assert alice.worker.start(opened.attempt, mail_of(opened)).outcome == Outcome.DONE
        code = alice.worker.mailed_code()
    alice.worker.clock.move(61)
    assert alice.worker.start(opened.attempt, mail_of(opened)).outcome == Outcome.LIMIT_REACHED
    assert check(alice, opened, code).outcome == Outcome.DONE


def test_a_code_that_was_never_sent_has_nothing_that_could_be_guessed(alice: Registered) -> None:
    spent = alice.worker.ceiling.limits.sends_per_destination[0].count
    for _ in range(spent):
        asked(alice)
        alice.worker.clock.move(61)
    opened = alice.worker.begin("alice@mail.example")
    assert alice.worker.start(opened.attempt, mail_of(opened)).outcome == Outcome.DONE
    assert alice.worker.mails() == []
    with alice.worker.state.reading() as tx:
        row = tx.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).one()
    told = json.loads(alice.worker.keys.unseal("outbox", row.sealed, row.key, row.kind.encode()))
    assert check(alice, opened, told[1]["code"]) == WRONG


def test_a_code_is_good_in_the_attempt_that_asked_for_it_only(alice: Registered) -> None:
    _, code = asked(alice)
    elsewhere = alice.worker.begin("alice")
    assert check(alice, elsewhere, code) == TOO_OLD


def test_without_a_sent_code_no_code_is_right(alice: Registered) -> None:
    assert check(alice, alice.worker.begin("alice"), "00000000") == TOO_OLD


@pytest.mark.race
def test_a_code_is_sent_once_a_minute_however_many_ask(alice: Registered) -> None:
    attempts = [alice.worker.begin("alice") for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: alice.worker.start(one.attempt, mail_of(one)), attempts))
    assert [answer.outcome for answer in answers].count(Outcome.DONE) == 1
    assert answers.count(Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=60))) == 9
    assert len(alice.worker.mails()) == 1


def test_five_codes_an_hour_go_to_one_mailbox(alice: Registered) -> None:
    for _ in range(5):
        asked(alice)
        alice.worker.clock.move(61)
    opened = alice.worker.begin("alice")
    answer = alice.worker.start(opened.attempt, mail_of(opened))
    assert answer.outcome == Outcome.LIMIT_REACHED
    assert alice.worker.mails() == []


def test_a_right_code_of_one_person_is_wrong_for_another(alice: Registered, worker: FakeWorker) -> None:
    worker.corp.add("bob")
    opened, code = asked(alice)
    foreign = worker.begin("bob")
    for offer in foreign.offers:
        assert worker.check(foreign.attempt, offer.factor, code).outcome != Outcome.DONE
    answer = worker.check(foreign.attempt, mail_of(opened), code)
    assert answer == Answer(outcome=Outcome.FACTOR_GONE)


def test_the_code_for_one_address_does_not_confirm_another(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    facts(worker.enrol(session.attempt, MethodKind.EMAIL, "a@home.example"), FactorPending)
    code = worker.mailed_code()
    second = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "b@home.example"), FactorPending)
    assert worker.confirm(session.attempt, second.factor, code) == WRONG
    assert worker.list_factors(session.attempt).enough is False


@pytest.mark.parametrize(
    "again",
    ["bob@straße.example", "BOB@XN--STRAE-OQA.example", "bob+x@STRAßE.example.", "bob@straße。example"],
)
def test_a_mailbox_is_known_in_every_spelling_of_its_domain(worker: FakeWorker, again: str) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    mail = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "bob@straße.example"), FactorPending)
    code = worker.mails()[-1]
    assert code.to.reveal() == "bob@xn--strae-oqa.example"
    assert worker.confirm(session.attempt, mail.factor, code.parameters["code"]).outcome is Outcome.DONE
    assert worker.enrol(session.attempt, MethodKind.EMAIL, again).outcome is Outcome.FACTOR_EXISTS


def test_a_mailbox_of_another_domain_is_another_one(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    mail = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "bob@straße.example"), FactorPending)
    assert worker.confirm(session.attempt, mail.factor, worker.mailed_code()).outcome is Outcome.DONE
    assert worker.enrol(session.attempt, MethodKind.EMAIL, "bob@strasse.example").outcome is Outcome.DONE


def test_spellings_of_one_mailbox_are_one() -> None:
    assert box_of("A.Lice+x@GoogleMail.com") == box_of("alice@gmail.com")
    assert box_of("Alice+tag@Home.example") == box_of("alice@home.example")
    assert box_of("a.lice@home.example") != box_of("alice@home.example")


def test_a_masked_address_shows_its_first_letter_and_its_domain() -> None:
    assert mask("john@example.com") == "j•••@example.com"
    assert mask("john@xn--strae-oqa.example") == "j•••@straße.example"
    assert mask("john@xn--a.example") == "j•••@xn--a.example"
    assert mask("") == ""


def test_two_spellings_of_one_mailbox_have_one_digest_and_two_mailboxes_have_two(worker: FakeWorker) -> None:
    keys = worker.context.keys
    first, same, other = (
        read_destination(Channel.MAIL, typed)
        for typed in ("Alice@home.example", "alice+x@HOME.example", "bob@home.example")
    )
    assert first
    assert same
    assert other
    assert first.digest(keys) == same.digest(keys) != other.digest(keys)


def test_what_cannot_be_sent_to_is_no_destination() -> None:
    assert read_destination(Channel.MAIL, "alice at home") is None
    assert hint_of(None) == ""


def test_destination_of_a_decoy_is_always_the_same_and_shows_no_address_when_printed() -> None:
    made_up = make_up_destination(Channel.MAIL, b"s" * 32)
    assert made_up == make_up_destination(Channel.MAIL, b"s" * 32)
    assert made_up.hint == "7•••@decoy.invalid"
    assert made_up.address not in repr(made_up)
    assert made_up == Destination(channel=Channel.MAIL, address=made_up.to.reveal())
