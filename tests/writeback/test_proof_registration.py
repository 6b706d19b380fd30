"""Registering: who may add what, when it may be used, and who is told."""

from dataclasses import replace

import pytest

from tests.fakes.worker import (
    DAY,
    FakeWorker,
    Registered,
    enrol_all,
    enrol_paper,
    facts,
    register,
    step_up,
)
from writeback.envelope.answers import Answer, FactorList, FactorPending, FactorState, Outcome, SignedIn
from writeback.envelope.jobs import ListFactors, Operation, RemoveFactor, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.proof import SqlRegister
from writeback.state import StateKeys

NOT_PROVEN = Answer(outcome=Outcome.NOT_PROVEN)


def session_of(alice: Registered) -> SignedIn:
    """A later session of somebody registered, stepped up with the app."""
    session = alice.worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    alice.worker.clock.move(30)
    assert alice.worker.check(session.attempt, app, alice.app_code()).outcome == Outcome.DONE
    return session


def remove(worker: FakeWorker, session: SignedIn, factor: bytes) -> Answer:
    return worker.ask(RemoveFactor(site="main", attempt=session.attempt, factor=factor))


def factor_of(worker: FakeWorker, session: SignedIn, method: MethodKind) -> bytes:
    listed = worker.list_factors(session.attempt).factors
    return next(one.factor for one in listed if one.method is method)


def test_a_first_registration_asks_for_a_code_to_the_address_in_the_directory(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    session = worker.sign_in("bob")
    assert session.first
    assert [(one.method, one.hint) for one in session.offers] == [(MethodKind.EMAIL, "b•••@mail.example")]
    assert worker.enrol(session.attempt, MethodKind.TOTP) == NOT_PROVEN
    assert worker.start(session.attempt, session.offers[0].factor).outcome == Outcome.DONE
    (note,) = worker.mails()
    assert (note.kind, note.to.reveal()) == ("code-register", "bob@mail.example")
    code = note.parameters["code"]
    assert worker.check(session.attempt, session.offers[0].factor, code).outcome == Outcome.DONE
    assert worker.enrol(session.attempt, MethodKind.TOTP).outcome == Outcome.DONE


def test_without_an_address_in_the_directory_the_password_has_to_do(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    assert (session.first, session.offers) == (True, ())
    assert worker.enrol(session.attempt, MethodKind.TOTP).outcome == Outcome.DONE


class CountingKeys(StateKeys):
    """The state's keys, which count the digests that are made for paper; each takes memory and time."""

    papers = 0

    def digest(self, kind: str, *parts: bytes) -> bytes:
        self.papers += kind == "backup-code"
        return super().digest(kind, *parts)


def test_backup_codes_are_made_only_for_a_person_who_may_add_them(worker: FakeWorker) -> None:
    keys = CountingKeys([b"k" * 32])
    worker.site.register = SqlRegister(replace(worker.context, keys=keys))
    account = worker.corp.add("bob")
    session = worker.sign_in("bob")
    assert worker.enrol(session.attempt, MethodKind.BACKUP_CODES) == NOT_PROVEN
    assert keys.papers == 0
    step_up(worker, session)
    assert worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE
    assert keys.papers == 10
    enrol_all(worker, session, account, "bob@home.example")
    worker.clock.move(14 * 60)
    assert worker.enrol(session.attempt, MethodKind.BACKUP_CODES) == NOT_PROVEN
    assert keys.papers == 10


def test_a_first_registration_lasts_until_there_is_enough_for_a_reset(worker: FakeWorker) -> None:
    account = worker.corp.add("bob")
    session = worker.sign_in("bob")
    step_up(worker, session)
    worker.clock.move(14 * 60)
    enrol_all(worker, session, account, "bob@home.example")
    listed = worker.list_factors(session.attempt)
    assert (listed.enough, listed.stepped_up) == (True, False)
    assert worker.enrol(session.attempt, MethodKind.BACKUP_CODES) == NOT_PROVEN


def test_second_registration_is_not_treated_as_first(alice: Registered) -> None:
    session = alice.worker.sign_in("alice")
    assert not session.first
    assert {one.method for one in session.offers} == {MethodKind.TOTP, MethodKind.EMAIL}
    assert alice.worker.enrol(session.attempt, MethodKind.TOTP) == NOT_PROVEN


def test_a_factor_added_in_another_session_ends_a_first_registration(worker: FakeWorker) -> None:
    account = worker.corp.add("bob", mail="")
    mine, other = worker.sign_in("bob"), worker.sign_in("bob")
    assert (mine.first, other.first) == (True, True)
    enrol_all(worker, mine, account, "bob@home.example")
    assert worker.enrol(other.attempt, MethodKind.TOTP) == NOT_PROVEN


def test_a_registration_that_was_given_up_does_not_shut_anybody_out(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    worker.enrol(worker.sign_in("bob").attempt, MethodKind.TOTP)
    assert worker.sign_in("bob").first


def test_a_person_who_removed_a_factor_still_counts_as_registered(worker: FakeWorker) -> None:
    alice = register(worker, paper=True)
    session = session_of(alice)
    assert (
        remove(worker, session, factor_of(worker, session, MethodKind.BACKUP_CODES)).outcome == Outcome.DONE
    )
    assert not worker.sign_in("alice").first


def test_the_last_factor_stays(alice: Registered) -> None:
    worker = alice.worker
    session = session_of(alice)
    assert remove(worker, session, factor_of(worker, session, MethodKind.EMAIL)).outcome == Outcome.DONE
    answer = remove(worker, session, factor_of(worker, session, MethodKind.TOTP))
    assert answer == Answer(outcome=Outcome.NOT_ALLOWED)


def test_a_step_up_is_good_for_ten_minutes(alice: Registered) -> None:
    session = session_of(alice)
    alice.worker.clock.move(599)
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome == Outcome.DONE
    alice.worker.clock.move(1)
    assert alice.worker.enrol(session.attempt, MethodKind.BACKUP_CODES) == NOT_PROVEN


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK])
def test_a_new_factor_is_not_offered_for_a_day(worker: FakeWorker, operation: Operation) -> None:
    account = worker.corp.add("bob", mail="")
    bob = enrol_all(worker, worker.sign_in("bob"), account, "bob@home.example")
    worker.mails()
    worker.clock.move(DAY - 1)
    opened = worker.begin("bob", operation)
    for offer in opened.offers:
        worker.start(opened.attempt, offer.factor)
    assert worker.mails() == []
    worker.clock.move(61)
    bob.prove(worker.begin("bob", operation), MethodKind.EMAIL)


def test_an_older_factor_is_offered_beside_a_new_one(alice: Registered) -> None:
    worker = alice.worker
    session = session_of(alice)
    new = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "new@home.example"), FactorPending)
    assert worker.confirm(session.attempt, new.factor, worker.mailed_code()).outcome == Outcome.DONE
    opened = worker.begin("alice")
    worker.mails()
    mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    worker.start(opened.attempt, mail)
    assert {note.to.reveal() for note in worker.mails()} == {"alice@home.example"}


def test_the_list_is_masked_and_says_from_when_a_factor_counts(alice: Registered) -> None:
    session = alice.worker.sign_in("alice")
    listed = alice.worker.list_factors(session.attempt)
    mail, app = sorted(listed.factors, key=lambda one: one.method)
    assert (mail.method, mail.hint, mail.state) == (MethodKind.EMAIL, "a•••@home.example", FactorState.ACTIVE)
    assert mail.ready_at == 0
    assert (app.method, app.hint, listed.own_mail) == (MethodKind.TOTP, "", "a•••@mail.example")
    assert (listed.methods_needed, listed.families_needed, listed.enough, listed.stepped_up) == (
        2,
        2,
        True,
        False,
    )


def test_a_seed_is_shown_once_with_a_name_for_the_app(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    pending = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    assert (pending.account, pending.expires, len(pending.secrets)) == ("bob@corp.example", 600, 1)
    assert len(pending.secrets[0].reveal()) == 32  # 160 bits in base32
    assert [one.state for one in worker.list_factors(session.attempt).factors] == [FactorState.PENDING]


def test_a_pending_factor_is_gone_after_ten_minutes(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    pending = facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending)
    worker.clock.move(600)
    answer = worker.confirm(session.attempt, pending.factor, "")
    assert answer == Answer(outcome=Outcome.FACTOR_GONE)


def test_a_pending_factor_is_confirmed_in_its_own_session_only(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    mine, other = worker.sign_in("bob"), worker.sign_in("bob")
    pending = facts(worker.enrol(mine.attempt, MethodKind.BACKUP_CODES), FactorPending)
    assert worker.confirm(other.attempt, pending.factor, "") == Answer(outcome=Outcome.FACTOR_GONE)


def test_a_wrong_code_confirms_nothing_and_counts(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    pending = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    outcomes = [worker.confirm(session.attempt, pending.factor, "000000").outcome for _ in range(6)]
    assert outcomes == [Outcome.WRONG_CODE] * 5 + [Outcome.TOO_MANY_TRIES]


@pytest.mark.parametrize("again", ["alice@home.example", "ALICE@home.example", "alice+x@home.example"])
def test_one_mailbox_is_one_factor(alice: Registered, again: str) -> None:
    session = session_of(alice)
    answer = alice.worker.enrol(session.attempt, MethodKind.EMAIL, again)
    assert answer == Answer(outcome=Outcome.FACTOR_EXISTS)


def test_an_invalid_address_is_refused_and_nothing_is_sent(alice: Registered) -> None:
    session = session_of(alice)
    answer = alice.worker.enrol(session.attempt, MethodKind.EMAIL, "alice@home.example\nBcc: x@y.example")
    assert answer == Answer(outcome=Outcome.BAD_DESTINATION)
    assert alice.worker.mails() == []


def test_the_address_in_the_directory_can_be_added_without_naming_it(alice: Registered) -> None:
    session = session_of(alice)
    pending = facts(alice.worker.enrol(session.attempt, MethodKind.EMAIL), FactorPending)
    (note,) = alice.worker.mails()
    assert (note.kind, note.to.reveal()) == ("code-confirm", "alice@mail.example")
    confirmed = alice.worker.confirm(session.attempt, pending.factor, note.parameters["code"])
    assert len(facts(confirmed, FactorList).factors) == 3


def test_an_address_that_the_step_up_has_just_proven_needs_no_second_code(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    session = worker.sign_in("bob")
    step_up(worker, session)
    pending = facts(worker.enrol(session.attempt, MethodKind.EMAIL), FactorPending)
    assert pending.expires == 0
    assert [one.state for one in worker.list_factors(session.attempt).factors] == [FactorState.ACTIVE]
    assert [note.kind for note in worker.mails()] == ["notice-factor-added"]


@pytest.mark.parametrize("address", ["bob+x@mail.example", "rob@mail.example"])
def test_any_other_address_needs_a_code_of_its_own(worker: FakeWorker, address: str) -> None:
    worker.corp.add("bob")
    session = worker.sign_in("bob")
    step_up(worker, session)
    worker.clock.move(61)
    assert facts(worker.enrol(session.attempt, MethodKind.EMAIL, address), FactorPending).expires == 600
    assert [note.kind for note in worker.mails()] == ["code-confirm"]


def test_a_code_for_a_new_address_can_be_sent_again(alice: Registered) -> None:
    worker = alice.worker
    session = session_of(alice)
    pending = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "new@home.example"), FactorPending)
    assert worker.start(session.attempt, pending.factor).outcome == Outcome.TOO_SOON
    worker.clock.move(61)
    assert worker.start(session.attempt, pending.factor).outcome == Outcome.DONE
    assert worker.confirm(session.attempt, pending.factor, worker.mailed_code()).outcome == Outcome.DONE


def test_the_worker_is_no_relay_for_mail_to_strangers(alice: Registered) -> None:
    worker = alice.worker
    sent = [
        worker.enrol(session_of(alice).attempt, MethodKind.EMAIL, f"victim{number}@home.example").outcome
        for number in range(11)
    ]
    assert sent == [Outcome.DONE] * 10 + [Outcome.LIMIT_REACHED]


def test_every_change_is_told_to_all_addresses_and_to_those_lately_removed(alice: Registered) -> None:
    worker = alice.worker
    session = session_of(alice)
    new = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "new@home.example"), FactorPending)
    worker.confirm(session.attempt, new.factor, worker.mailed_code())
    everybody = {"alice@mail.example", "alice@home.example", "new@home.example"}
    assert {(note.kind, note.to.reveal()) for note in worker.mails()} == {
        ("notice-factor-added", address) for address in everybody
    }
    remove(worker, session, factor_of(worker, session, MethodKind.EMAIL))
    notes = worker.mails()
    assert {note.to.reveal() for note in notes} == everybody
    assert notes[0].parameters["method"] == "email"
    assert notes[0].parameters["hint"] == "a•••@home.example"
    assert notes[0].parameters["account"] == "alice@corp.example"
    worker.clock.move(31 * DAY)
    session = session_of(alice)
    worker.confirm(
        session.attempt,
        facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending).factor,
        "",
    )
    assert {note.to.reveal() for note in worker.mails()} == everybody - {"alice@home.example"}


def test_a_removed_factor_is_refused_and_its_secret_is_gone(alice: Registered) -> None:
    worker = alice.worker
    opened = worker.begin("alice")
    app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    session = session_of(alice)
    assert remove(worker, session, factor_of(worker, session, MethodKind.TOTP)).outcome == Outcome.DONE
    worker.clock.move(60)
    # The way is shown to everybody, so it stays; it fits no more.
    assert worker.check(opened.attempt, app, alice.app_code()) == Answer(outcome=Outcome.WRONG_CODE)


def test_factors_of_others_can_not_be_removed(alice: Registered) -> None:
    worker = alice.worker
    foreign = factor_of(worker, worker.sign_in("alice"), MethodKind.TOTP)
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    assert remove(worker, session, foreign) == Answer(outcome=Outcome.FACTOR_GONE)


def test_proofs_of_a_step_up_do_not_reset_a_password(alice: Registered) -> None:
    session = session_of(alice)
    answer = alice.worker.ask(ResetPassword(site="main", attempt=session.attempt), "Spring-sun-77")
    assert answer == Answer(outcome=Outcome.ATTEMPT_GONE)
    assert alice.worker.corp.writes == []


def test_an_attempt_to_reset_shows_no_factors(alice: Registered) -> None:
    opened = alice.worker.begin("alice")
    answer = alice.worker.ask(ListFactors(site="main", attempt=opened.attempt))
    assert answer == Answer(outcome=Outcome.ATTEMPT_GONE)


def test_the_list_says_from_when_the_ways_suffice_and_not_before_they_do(worker: FakeWorker) -> None:
    account = worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    assert worker.list_factors(session.attempt).ready_at == 0
    enrol_all(worker, session, account, "bob@home.example")
    ready = worker.list_factors(session.attempt).ready_at
    assert ready == int(worker.clock.now()) + DAY
    worker.clock.move(3600)
    later = worker.sign_in("bob")
    listed = worker.list_factors(later.attempt)
    assert (listed.enough, listed.ready_at) == (True, ready)
    assert {one.ready_at for one in listed.factors} == {ready}
    worker.clock.move(DAY)
    assert worker.list_factors(worker.sign_in("bob").attempt).ready_at == 0


def test_a_third_way_does_not_delay_what_two_older_ones_allow(alice: Registered) -> None:
    session = session_of(alice)
    enrol_paper(alice.worker, session)
    listed = alice.worker.list_factors(session.attempt)
    assert sorted(one.ready_at for one in listed.factors) == [0, 0, int(alice.worker.clock.now()) + DAY]
    assert listed.ready_at == 0


def test_the_third_wrong_code_ends_a_mail_that_is_being_added(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    session = worker.sign_in("bob")
    step_up(worker, session)
    pending = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "bob@home.example"), FactorPending)
    code = worker.mailed_code()
    wrong = code[:-1] + ("1" if code[-1] == "0" else "0")
    said = [worker.confirm(session.attempt, pending.factor, each).outcome for each in [wrong] * 3 + [code]]
    assert said == [Outcome.WRONG_CODE] * 2 + [Outcome.CODE_EXPIRED] * 2
