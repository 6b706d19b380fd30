"""A step-up is proven by a factor that was there before; "first" is worth nothing once there is one."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.worker import DAY, FakeWorker, enrol_all, facts, step_up, totp
from writeback.envelope.answers import Answer, FactorPending, FactorState, Outcome, SignedIn
from writeback.envelope.jobs import RemoveFactor
from writeback.envelope.methods import MethodKind

pytestmark = pytest.mark.slow

NOT_PROVEN = Answer(outcome=Outcome.NOT_PROVEN)


def remove(worker: FakeWorker, session: SignedIn, factor: bytes) -> Answer:
    return worker.ask(RemoveFactor(site="main", attempt=session.attempt, factor=factor))


def two_firsts(worker: FakeWorker) -> tuple[SignedIn, SignedIn]:
    """Two sign-ins of bob, each with a code from the directory's mail address."""
    worker.corp.add("bob")
    sessions = worker.sign_in("bob"), worker.sign_in("bob")
    for session in sessions:
        step_up(worker, session)
        worker.clock.move(61)
    return sessions


def test_a_first_mark_is_no_step_up_once_somebody_else_has_registered(worker: FakeWorker) -> None:
    thief, session = two_firsts(worker)
    pending = facts(worker.enrol(thief.attempt, MethodKind.TOTP), FactorPending)
    bob = worker.corp.find("bob")
    assert bob is not None
    enrol_all(worker, session, bob, "bob@home.example")
    code = totp(pending.secrets[0].reveal(), worker.clock.now())
    assert worker.confirm(thief.attempt, pending.factor, code) == NOT_PROVEN
    assert worker.enrol(thief.attempt, MethodKind.TOTP) == NOT_PROVEN
    for one in worker.list_factors(session.attempt).factors:
        assert remove(worker, thief, one.factor) == NOT_PROVEN
    assert len(worker.list_factors(session.attempt).factors) == 2


def test_a_first_mark_stays_worthless_when_the_others_factors_are_gone(worker: FakeWorker) -> None:
    thief, session = two_firsts(worker)
    bob = worker.corp.find("bob")
    assert bob is not None
    enrol_all(worker, session, bob, "bob@home.example")
    mail = next(one for one in worker.list_factors(session.attempt).factors if one.method is MethodKind.EMAIL)
    assert remove(worker, session, mail.factor).outcome is Outcome.DONE
    assert worker.enrol(thief.attempt, MethodKind.BACKUP_CODES) == NOT_PROVEN
    assert worker.list_factors(thief.attempt).stepped_up is False


def test_the_first_mark_goes_on_counting_for_its_own_session(worker: FakeWorker) -> None:
    account = worker.corp.add("bob")
    session = worker.sign_in("bob")
    step_up(worker, session)
    enrol_all(worker, session, account, "bob@home.example")
    assert worker.enrol(session.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE


def test_an_overtaken_registration_goes_on_with_the_other_sessions_factor(worker: FakeWorker) -> None:
    late, early = two_firsts(worker)
    account = worker.corp.find("bob")
    assert account is not None
    bob = enrol_all(worker, early, account, "bob@home.example")
    worker.clock.move(60)
    handle = next(one for one in worker.list_factors(late.attempt).offers if one.method is MethodKind.TOTP)
    assert worker.check(late.attempt, handle.factor, bob.app_code()).outcome is Outcome.DONE
    assert worker.enrol(late.attempt, MethodKind.BACKUP_CODES).outcome is Outcome.DONE


def test_a_pending_factor_of_one_sign_in_is_not_replaced_by_another(worker: FakeWorker) -> None:
    one, other = two_firsts(worker)
    pending = facts(worker.enrol(one.attempt, MethodKind.TOTP), FactorPending)
    facts(worker.enrol(other.attempt, MethodKind.TOTP), FactorPending)
    code = totp(pending.secrets[0].reveal(), worker.clock.now())
    assert worker.confirm(one.attempt, pending.factor, code).outcome is Outcome.DONE


@dataclass
class Side:
    """One of two sign-ins of the same person, and what it holds."""

    session: SignedIn
    apps: dict[bytes, str] = field(default_factory=dict)
    pending: dict[bytes, str] = field(default_factory=dict)
    knows_others: bool = False


class Duel:
    """Two people who both know bob's password and read his mail, each with an app of their own."""

    def __init__(self, folder: Path) -> None:
        self.worker = FakeWorker(folder)
        self.sides = [Side(session) for session in two_firsts(self.worker)]

    def do(self, who: int, what: str) -> None:
        self.worker.clock.move(31)
        mine, theirs = self.sides[who], self.sides[1 - who]
        before = self._active()
        getattr(self, what)(mine, theirs)
        self._judge(mine, theirs, before)

    def _judge(self, mine: Side, theirs: Side, before: set[bytes]) -> None:
        """What is there of the other one is left alone by who has proven nothing of it."""
        after = self._active()
        if before & set(theirs.apps) and not mine.knows_others:
            assert after == before

    def enrol(self, mine: Side, _: Side) -> None:
        answer = self.worker.enrol(mine.session.attempt, MethodKind.TOTP)
        if isinstance(answer.facts, FactorPending):
            mine.pending = {answer.facts.factor: answer.facts.secrets[0].reveal()}

    def confirm(self, mine: Side, _: Side) -> None:
        for factor, seed in mine.pending.items():
            code = totp(seed, self.worker.clock.now())
            if self.worker.confirm(mine.session.attempt, factor, code).outcome is Outcome.DONE:
                mine.apps[factor] = seed

    def paper(self, mine: Side, _: Side) -> None:
        answer = self.worker.enrol(mine.session.attempt, MethodKind.BACKUP_CODES)
        if isinstance(answer.facts, FactorPending):
            factor = answer.facts.factor
            if self.worker.confirm(mine.session.attempt, factor, "").outcome is Outcome.DONE:
                mine.apps[factor] = ""

    def remove_theirs(self, mine: Side, theirs: Side) -> None:
        for factor in theirs.apps:
            remove(self.worker, mine.session, factor)

    def remove_mine(self, mine: Side, _: Side) -> None:
        for factor in mine.apps:
            remove(self.worker, mine.session, factor)

    def prove_mine(self, mine: Side, _: Side) -> None:
        self._prove(mine, list(mine.apps.values()))

    def prove_theirs(self, mine: Side, theirs: Side) -> None:
        active = self._active()
        seeds = [seed for factor, seed in theirs.apps.items() if factor in active]
        mine.knows_others |= self._prove(mine, seeds)

    def _prove(self, mine: Side, seeds: list[str]) -> bool:
        offers = self.worker.list_factors(mine.session.attempt).offers
        handles = [one.factor for one in offers if one.method is MethodKind.TOTP]
        return any(
            self.worker.check(mine.session.attempt, handle, totp(seed, self.worker.clock.now())).outcome
            is Outcome.DONE
            for seed in seeds
            if seed
            for handle in handles
        )

    def _active(self) -> set[bytes]:
        listed = self.worker.list_factors(self.sides[0].session.attempt).factors
        return {one.factor for one in listed if one.state is FactorState.ACTIVE}


STEPS = ["enrol", "confirm", "paper", "remove_theirs", "remove_mine", "prove_mine", "prove_theirs"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(STEPS)), min_size=3, max_size=14))
def test_nobody_touches_the_factors_of_another_sign_in_without_proving_one(
    steps: list[tuple[int, str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        duel = Duel(Path(folder))
        for who, what in steps:
            duel.do(who, what)
        assert all(side.session.first for side in duel.sides)
        duel.worker.state.close()


@pytest.mark.parametrize("first", [0, 1])
def test_the_first_confirmed_session_registers(worker: FakeWorker, first: int) -> None:
    sessions = two_firsts(worker)
    pending = [facts(worker.enrol(one.attempt, MethodKind.TOTP), FactorPending) for one in sessions]
    outcomes = []
    for who in (first, 1 - first):
        code = totp(pending[who].secrets[0].reveal(), worker.clock.now())
        outcomes.append(worker.confirm(sessions[who].attempt, pending[who].factor, code).outcome)
    assert outcomes == [Outcome.DONE, Outcome.NOT_PROVEN]
    worker.clock.move(2 * DAY)
    assert not worker.sign_in("bob").first
