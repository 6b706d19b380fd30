"""Wrong tries: counted by the worker, per person and method, over attempts, addresses and portals."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.fakes.worker import DAY, FakeWorker, Registered, ceiling_for_tests, register
from writeback.ceiling import Attempts, Ceiling, Rate
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.jobs import Method, Operation
from writeback.state.tables import hits

HOUR = 3600
WRONG = "000000"


def try_once(alice: Registered, code: str = WRONG, method: Method = Method.TOTP) -> Answer:
    """One try in an attempt of its own, as an attacker with many browsers has it."""
    opened = alice.worker.begin("alice")
    handle = next(offer.factor for offer in opened.offers if offer.method is method)
    if method is Method.EMAIL:
        alice.worker.start(opened.attempt, handle)
        alice.worker.mails()
        alice.worker.clock.move(61)
    return alice.worker.check(opened.attempt, handle, code)


def test_the_sixth_try_in_an_hour_is_refused_even_if_it_is_right(alice: Registered) -> None:
    for _ in range(5):
        assert try_once(alice).outcome == Outcome.WRONG_CODE
    answer = try_once(alice, alice.app_code())
    assert answer == Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=HOUR))


def test_the_lock_lasts_an_hour_from_the_last_try_and_tries_meanwhile_do_not_count(alice: Registered) -> None:
    for _ in range(5):
        try_once(alice)
        alice.worker.clock.move(60)
    alice.worker.clock.move(HOUR - 61)
    assert try_once(alice).outcome == Outcome.TOO_MANY_TRIES
    alice.worker.clock.move(1)
    assert try_once(alice, alice.app_code()).outcome == Outcome.DONE


def test_the_tenth_wrong_try_in_a_day_locks_for_a_day(alice: Registered) -> None:
    for _ in range(2):
        for _ in range(5):
            try_once(alice)
        alice.worker.clock.move(HOUR)
    alice.worker.clock.move(DAY - 2 * HOUR)
    assert try_once(alice, alice.app_code()).outcome == Outcome.TOO_MANY_TRIES
    alice.worker.clock.move(HOUR)
    assert try_once(alice, alice.app_code()).outcome == Outcome.DONE


def test_hopping_between_methods_ends_at_fifteen(worker: FakeWorker) -> None:
    alice = register(worker, paper=True)
    outcomes = []
    for method in (Method.TOTP, Method.BACKUP_CODES):
        outcomes += [try_once(alice, method=method).outcome for _ in range(5)]
    worker.clock.move(HOUR)
    outcomes += [try_once(alice).outcome for _ in range(5)]
    assert set(outcomes) == {Outcome.WRONG_CODE}
    assert try_once(alice, alice.paper[0], Method.BACKUP_CODES).outcome == Outcome.TOO_MANY_TRIES


def test_one_locked_method_leaves_the_others(alice: Registered) -> None:
    for _ in range(6):
        try_once(alice)
    assert try_once(alice, "00000000", Method.EMAIL).outcome == Outcome.WRONG_CODE


@pytest.mark.race
def test_twenty_wrong_codes_at_once_are_five_tries(alice: Registered) -> None:
    attempts = [alice.worker.begin("alice") for _ in range(20)]

    def check(number: int) -> Answer:
        opened = attempts[number]
        app = next(offer.factor for offer in opened.offers if offer.method is Method.TOTP)
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
def lenient() -> Ceiling:
    """A ceiling under which one can be wrong often: what is left is the limit in a row."""
    often = (Rate(count=1000, seconds=HOUR),)
    return replace(ceiling_for_tests(), attempts=Attempts(wrong_per_method=often, wrong_per_user=often))


def test_fifty_wrong_tries_in_a_row_switch_a_factor_off_and_tell_its_owner(
    lenient: Ceiling, tmp_path_factory: pytest.TempPathFactory
) -> None:
    worker = FakeWorker(tmp_path_factory.mktemp("lenient"), ceiling=lenient)
    alice = register(worker)
    opened = worker.begin("alice")
    app = next(offer.factor for offer in opened.offers if offer.method is Method.TOTP)
    for _ in range(49):
        worker.check(opened.attempt, app, WRONG)
    assert worker.mails() == []
    worker.check(opened.attempt, app, WRONG)
    assert {note.kind for note in worker.mails()} == {"notice-factor-removed"}
    # It is shown all the same, as everybody has it, and fits no more.
    assert worker.check(opened.attempt, app, alice.app_code()).outcome == Outcome.WRONG_CODE
    worker.state.close()


def test_a_right_code_starts_the_row_anew(lenient: Ceiling, tmp_path_factory: pytest.TempPathFactory) -> None:
    worker = FakeWorker(tmp_path_factory.mktemp("lenient"), ceiling=lenient)
    alice = register(worker)
    opened = worker.begin("alice")
    app = next(offer.factor for offer in opened.offers if offer.method is Method.TOTP)
    for _ in range(2):
        for _ in range(49):
            worker.check(opened.attempt, app, WRONG)
        assert worker.check(opened.attempt, app, alice.app_code()).outcome == Outcome.DONE
        worker.clock.move(60)
    worker.state.close()


def test_made_up_people_use_up_nothing_of_what_the_site_may_send_and_feel_its_limit(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = ceiling_for_tests()
    tight = replace(made, limits=replace(made.limits, sends_per_site=(Rate(count=3, seconds=HOUR),)))
    worker = FakeWorker(tmp_path_factory.mktemp("tight"), ceiling=tight)
    register(worker)
    worker.clock.move(HOUR)

    def start(name: str) -> Outcome:
        opened = worker.begin(name)
        mail = next(offer.factor for offer in opened.offers if offer.method is Method.EMAIL)
        return worker.start(opened.attempt, mail).outcome

    with_mail = [name for name in map("nobody{}".format, range(40)) if _has_mail(worker, name)][:8]
    assert len(with_mail) == 8
    assert {start(name) for name in with_mail} == {Outcome.DONE}
    for _ in range(3):
        assert start("alice") is Outcome.DONE
        worker.clock.move(61)
    assert {start("alice"), start(with_mail[0])} == {Outcome.LIMIT_REACHED}
    worker.state.close()


def _has_mail(worker: FakeWorker, name: str) -> bool:
    return any(offer.method is Method.EMAIL for offer in worker.begin(name).offers)


def test_an_attempt_lives_fifteen_minutes_and_five_idle_ones(alice: Registered) -> None:
    for idle, alive in ((299, True), (300, False)):
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


def test_what_is_counted_names_nobody(alice: Registered) -> None:
    try_once(alice)
    with alice.worker.state.reading() as tx:
        assert tx.execute(select(func.count()).select_from(hits)).scalar_one() > 0
        named = hits.c.subject.contains("alice")
        assert tx.execute(select(hits.c.subject).where(named)).all() == []
