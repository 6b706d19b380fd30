"""Wrong tries: counted by the worker, per person and method, over attempts, addresses and portals."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.fakes.worker import (
    DAY,
    FakeWorker,
    Registered,
    ceiling_for_tests,
    enrol_all,
    register,
    step_up,
)
from writeback.ceiling import Attempts, Rate
from writeback.envelope.answers import Answer, AttemptOpened, Outcome, Wait
from writeback.envelope.jobs import Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.state.tables import hits

HOUR, QUARTER, YEAR = 3600, 900, 365 * DAY
WRONG = "000000"


def try_once(
    alice: Registered, code: str = WRONG, method: MethodKind = MethodKind.TOTP, *, name: str = "alice"
) -> Answer:
    """One try in an attempt of its own, as an attacker with many browsers has it."""
    opened = alice.worker.begin(name)
    handle = next(offer.factor for offer in opened.offers if offer.method is method)
    if method is MethodKind.EMAIL:
        alice.worker.start(opened.attempt, handle)
        alice.worker.mails()
        alice.worker.clock.move(61)
    return alice.worker.check(opened.attempt, handle, code)


def wait_of(answer: Answer) -> int:
    assert isinstance(answer.facts, Wait), answer
    return answer.facts.seconds


def rests_told(alice: Registered) -> list[object]:
    """Return the ends of the rests that the audit tells of."""
    return [about["until"] for event, _, about in alice.worker.audit.events if event == "factor.rests"]


def spend(alice: Registered, name: str) -> None:
    """Use up what strangers have under a name."""
    for _ in range(5):
        assert try_once(alice, name=name).outcome == Outcome.WRONG_CODE
    assert try_once(alice, name=name).outcome == Outcome.TOO_MANY_TRIES


def test_the_sixth_wrong_try_in_a_row_is_refused_even_if_it_is_right(alice: Registered) -> None:
    for _ in range(5):
        assert try_once(alice).outcome == Outcome.WRONG_CODE
    answer = try_once(alice, alice.app_code())
    assert answer == Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=QUARTER))


def test_each_rest_is_twice_as_long_as_the_one_before_and_none_longer_than_a_day(alice: Registered) -> None:
    for _ in range(4):
        try_once(alice)
    waits = []
    for _ in range(9):
        assert try_once(alice).outcome == Outcome.WRONG_CODE
        waits.append(wait_of(try_once(alice)))
        alice.worker.clock.move(waits[-1])
    assert waits == [QUARTER << number for number in range(7)] + [DAY, DAY]
    assert try_once(alice, alice.app_code()).outcome == Outcome.DONE


def test_tries_while_an_app_rests_do_not_make_the_rest_longer(alice: Registered) -> None:
    for _ in range(5):
        try_once(alice)
    for _ in range(3):
        alice.worker.clock.move(QUARTER // 3)
        left = try_once(alice)
    assert left.outcome == Outcome.WRONG_CODE
    assert wait_of(try_once(alice)) == 2 * QUARTER


@pytest.mark.parametrize("apart", [2 * DAY - 1, 2 * DAY])
def test_tries_are_in_a_row_with_less_than_two_days_between_them(alice: Registered, apart: int) -> None:
    for _ in range(4):
        try_once(alice)
    alice.worker.clock.move(apart)
    try_once(alice)
    rests = try_once(alice).outcome == Outcome.TOO_MANY_TRIES
    assert rests is (apart < 2 * DAY)


def test_the_owner_is_told_of_each_rest_and_where_it_ends(alice: Registered) -> None:
    for _ in range(4):
        try_once(alice)
    assert alice.worker.mails() == []
    for number in range(2):
        try_once(alice)
        notes = alice.worker.mails()
        assert {note.kind for note in notes} == {"notice-factor-rests"}
        assert {note.to.reveal() for note in notes} == {alice.account.mail, alice.address}
        about = notes[0].parameters
        assert (about["account"], about["method"]) == (alice.account.upn or "alice", "totp")
        assert int(about["until"]) - int(about["at"]) == QUARTER << number
        try_once(alice)
        assert alice.worker.mails() == []
        alice.worker.clock.move(QUARTER << number)


@pytest.mark.parametrize(
    "ways", [(MethodKind.EMAIL, MethodKind.TOTP), (MethodKind.BACKUP_CODES, MethodKind.TOTP)]
)
def test_a_stranger_takes_no_reset_away(worker: FakeWorker, ways: tuple[MethodKind, ...]) -> None:
    """While the app rests, its codes are good after another proof; and that ends the rest for all."""
    alice = register(worker, paper=True)
    for _ in range(6):
        for method in (MethodKind.TOTP, MethodKind.BACKUP_CODES):
            try_once(alice, method=method)
    assert try_once(alice, alice.app_code()).outcome == Outcome.TOO_MANY_TRIES
    worker.mails()
    opened = worker.begin("alice")
    alice.prove(opened, *ways)
    assert (
        worker.ask(ResetPassword(site="main", attempt=opened.attempt), "Spring-sun-77").outcome
        == Outcome.DONE
    )


def test_the_audit_says_that_an_app_rests_and_which_codes_were_not_looked_at(alice: Registered) -> None:
    spend(alice, "alice")
    try_once(alice, alice.app_code(), name="alice@mail.example")
    events = [(event, about) for event, _, about in alice.worker.audit.events]
    checked = [about["outcome"] for event, about in events if event == "factor.checked"]
    assert checked[-7:] == [*["wrong-code"] * 5, "too-many-tries", "not-looked-at"]
    (rests,) = [about for event, about in events if event == "factor.rests"]
    assert rests == {"account": alice.account.guid.hex(), "until": int(alice.worker.clock.now()) + QUARTER}


def test_two_proofs_end_the_rest_for_everybody(alice: Registered) -> None:
    spend(alice, "alice")
    alice.worker.clock.move(61)
    other = "alice@mail.example"
    assert try_once(alice, alice.app_code(), name=other).outcome == Outcome.WRONG_CODE
    alice.prove(alice.worker.begin(other), MethodKind.EMAIL, MethodKind.TOTP)
    alice.worker.clock.move(61)
    assert try_once(alice, alice.app_code(), name=other).outcome == Outcome.DONE


@pytest.mark.parametrize("method", [MethodKind.EMAIL, MethodKind.BACKUP_CODES])
def test_backup_and_mailed_codes_never_rest(worker: FakeWorker, method: MethodKind) -> None:
    alice = register(worker, paper=True)
    for _ in range(3):
        for _ in range(4):
            try_once(alice, method=method)
        worker.clock.move(DAY)
    opened = worker.begin("alice")
    alice.prove(opened, method, MethodKind.TOTP)
    reset = ResetPassword(site="main", attempt=opened.attempt)
    assert worker.ask(reset, "Spring-sun-77").outcome == Outcome.DONE


def test_a_resting_app_leaves_the_other_ways_open(alice: Registered) -> None:
    for _ in range(6):
        try_once(alice)
    assert try_once(alice, "00000000", MethodKind.EMAIL).outcome == Outcome.WRONG_CODE


def test_after_twenty_wrong_tries_in_a_year_an_app_is_looked_at_after_another_proof(
    alice: Registered,
) -> None:
    year = YEAR + int(alice.worker.clock.now())
    for number in range(20):
        assert try_once(alice).outcome == Outcome.WRONG_CODE
        told = alice.worker.mails()
        assert bool(told) is (number == 19)
        alice.worker.clock.move(2 * DAY)
    assert {(note.kind, note.parameters["until"]) for note in told} == {("notice-factor-rests", str(year))}
    assert rests_told(alice) == [year]
    assert try_once(alice, alice.app_code()).outcome == Outcome.WRONG_CODE
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.EMAIL, MethodKind.TOTP)
    alice.worker.clock.move(61)
    assert try_once(alice, alice.app_code()).outcome == Outcome.WRONG_CODE
    assert alice.worker.mails() == []
    alice.worker.clock.move(YEAR)
    assert try_once(alice, alice.app_code()).outcome == Outcome.DONE


def test_two_rests_that_begin_together_are_reported_with_the_later_end(
    alice: Registered,
) -> None:
    year = YEAR + int(alice.worker.clock.now())
    for _ in range(15):
        try_once(alice)
        alice.worker.clock.move(2 * DAY)
    for _ in range(5):
        assert alice.worker.mails() == []
        assert try_once(alice).outcome == Outcome.WRONG_CODE
    assert {note.parameters["until"] for note in alice.worker.mails()} == {str(year)}
    assert rests_told(alice) == [year]


def test_a_right_code_takes_back_the_rest_of_the_year_that_its_try_would_have_begun(
    alice: Registered,
) -> None:
    for _ in range(19):
        try_once(alice)
        alice.worker.clock.move(2 * DAY)
    for _ in range(2):
        assert try_once(alice, alice.app_code()).outcome == Outcome.DONE
        alice.worker.clock.move(60)
    assert rests_told(alice) == []


def test_wrong_tries_before_registering_do_not_block_the_new_app(worker: FakeWorker) -> None:
    name = worker.corp.add("bob").name
    for _ in range(30):
        opened = worker.begin(name)
        app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
        worker.check(opened.attempt, app, WRONG)
        worker.clock.move(QUARTER)
    session = worker.sign_in(name)
    step_up(worker, session)
    bob = enrol_all(worker, session, worker.corp.add("carol"), "bob@home.example")
    worker.clock.move(DAY)
    assert try_once(bob, bob.app_code(), name=name).outcome == Outcome.DONE


def test_wrong_tries_of_strangers_leave_a_sign_in_its_own(alice: Registered) -> None:
    spend(alice, "alice")
    session = alice.worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    for _ in range(4):
        assert alice.worker.check(session.attempt, app, WRONG).outcome == Outcome.WRONG_CODE
    assert alice.worker.check(session.attempt, app, alice.app_code()).outcome == Outcome.DONE


@pytest.mark.race
def test_twenty_wrong_codes_at_once_are_five_tries(alice: Registered) -> None:
    attempts = [alice.worker.begin("alice") for _ in range(20)]

    def check(number: int) -> Answer:
        opened = attempts[number]
        app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
        return alice.worker.check(opened.attempt, app, WRONG)

    with ThreadPoolExecutor(20) as pool:
        outcomes = [answer.outcome for answer in pool.map(check, range(20))]
    assert outcomes.count(Outcome.WRONG_CODE) == 5
    assert outcomes.count(Outcome.TOO_MANY_TRIES) == 15
    assert try_once(alice, alice.app_code()).outcome == Outcome.TOO_MANY_TRIES


def test_a_right_code_takes_back_its_own_try_only(alice: Registered) -> None:
    for _ in range(4):
        try_once(alice)
    assert try_once(alice, alice.app_code()).outcome == Outcome.DONE
    alice.worker.clock.move(60)
    assert try_once(alice).outcome == Outcome.WRONG_CODE
    assert try_once(alice, alice.app_code()).outcome == Outcome.TOO_MANY_TRIES


@pytest.fixture
def proven(alice: Registered) -> AttemptOpened:
    """An attempt in which the mailbox is proven already."""
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.EMAIL)
    return opened


def test_after_another_proof_ten_wrong_codes_a_day_are_looked_at(
    alice: Registered, proven: AttemptOpened
) -> None:
    app = next(offer.factor for offer in proven.offers if offer.method is MethodKind.TOTP)
    answers = [alice.worker.check(proven.attempt, app, WRONG) for _ in range(6)]
    assert [answer.outcome for answer in answers[:5]] == [Outcome.WRONG_CODE] * 5
    assert answers[5] == Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=HOUR))


@pytest.fixture
def lenient(tmp_path: Path) -> Iterator[Registered]:
    """Alice at a worker where one may be wrong often after a proof: what is left is the limit in a row."""
    often = (Rate(count=1000, seconds=HOUR),)
    ceiling = replace(ceiling_for_tests(), attempts=Attempts(wrong_per_method=often))
    worker = FakeWorker(tmp_path, ceiling=ceiling)
    yield register(worker)
    worker.state.close()


def test_fifty_wrong_tries_after_another_proof_switch_a_factor_off_and_tell_its_owner(
    lenient: Registered,
) -> None:
    worker, opened = lenient.worker, lenient.worker.begin("alice")
    lenient.prove(opened, MethodKind.EMAIL)
    app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    for _ in range(49):
        worker.check(opened.attempt, app, WRONG)
    assert worker.mails() == []
    worker.check(opened.attempt, app, WRONG)
    assert {note.kind for note in worker.mails()} == {"notice-factor-removed"}
    # It is shown all the same, as everybody has it, and fits no more.
    assert worker.check(opened.attempt, app, lenient.app_code()).outcome == Outcome.WRONG_CODE


def test_a_right_code_resets_the_row_of_wrong_tries(lenient: Registered) -> None:
    worker, opened = lenient.worker, lenient.worker.begin("alice")
    lenient.prove(opened, MethodKind.EMAIL)
    app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    for _ in range(2):
        for _ in range(49):
            worker.check(opened.attempt, app, WRONG)
        assert worker.check(opened.attempt, app, lenient.app_code()).outcome == Outcome.DONE
        worker.clock.move(60)


def test_made_up_people_use_up_nothing_of_what_the_site_may_send_and_tell_nothing_of_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = ceiling_for_tests()
    tight = replace(
        made, limits=replace(made.limits, sends_per_site=(Rate(count=4, seconds=HOUR),))
    )  # 3 of them for strangers
    worker = FakeWorker(tmp_path_factory.mktemp("tight"), ceiling=tight)
    register(worker)
    worker.clock.move(HOUR)

    def start(name: str) -> Outcome:
        opened = worker.begin(name)
        mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
        return worker.start(opened.attempt, mail).outcome

    with_mail = [name for name in map("nobody{}".format, range(40)) if _has_mail(worker, name)][:8]
    assert len(with_mail) == 8
    assert {start(name) for name in with_mail} == {Outcome.DONE}
    for sent in (1, 1, 1, 0):
        worker.mails()
        assert start("alice") is Outcome.DONE
        assert len(worker.mails()) == sent
        worker.clock.move(61)
    assert worker.audit.of("factor.started")[-1]["outcome"] == "nothing-sent"
    assert start(with_mail[0]) is Outcome.DONE
    worker.state.close()


def _has_mail(worker: FakeWorker, name: str) -> bool:
    return any(offer.method is MethodKind.EMAIL for offer in worker.begin(name).offers)


def test_an_attempt_lives_fifteen_minutes_and_ten_idle_ones(alice: Registered) -> None:
    for idle, alive in ((599, True), (600, False)):
        opened = alice.worker.begin("alice", Operation.UNLOCK)
        alice.worker.clock.move(idle)
        gone = alice.worker.start(opened.attempt, opened.offers[0].factor).outcome == Outcome.ATTEMPT_GONE
        assert gone is not alive
    opened = alice.worker.begin("alice", Operation.UNLOCK)
    for _ in range(4):
        alice.worker.clock.move(224)
        assert alice.worker.start(opened.attempt, opened.offers[0].factor).outcome == Outcome.DONE
    alice.worker.clock.move(4)
    assert alice.worker.start(opened.attempt, opened.offers[0].factor).outcome == Outcome.ATTEMPT_GONE


def test_counts_name_nobody(alice: Registered) -> None:
    try_once(alice)
    with alice.worker.state.reading() as tx:
        assert tx.execute(select(func.count()).select_from(hits)).scalar_one() > 0
        named = hits.c.subject.contains("alice")
        assert tx.execute(select(hits.c.subject).where(named)).all() == []
