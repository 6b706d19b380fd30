"""Tries at AD passwords that run side by side, at one worker or at several, never lock an account."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.worker import PASSWORD, FakeWorker, ceiling_for_tests, register
from writeback.ceiling import Ceiling, Limits, Rate
from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, ResetPassword, SignIn
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.ports import Account, DirectoryAway, Lockout, Preimage, Written, do_nothing
from writeback.proof.passwords import OPEN_FOR

pytestmark = pytest.mark.slow

WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
NEW = "Spring-sun-77"
MANY = (Rate(count=1000, seconds=3600),)


@dataclass
class CrowdedDirectory(FakeDirectory):
    """Everybody who looks at the count of wrong passwords sees the old one: all look before one goes on."""

    crowd: Barrier | None = None
    lock: Lock = field(default_factory=Lock)
    before_looking: Callable[[], object] = do_nothing
    before_changing: Callable[[], object] = do_nothing

    def lockout(self, account: Account) -> Lockout:
        self.before_looking()
        seen = super().lockout(account)
        if self.crowd:
            try:
                self.crowd.wait(timeout=20)
            except BrokenBarrierError:
                raise AssertionError("not all of them came to the count") from None
        return seen

    def check_password(self, account: Account, password: Secret) -> Outcome:
        with self.lock:
            return super().check_password(account, password)

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        self.before_changing()
        with self.lock:
            return super().change_password(account, old, new, at=at)


def lenient() -> Ceiling:
    """The product's ceiling without its own count of wrong passwords: what is left is AD's lockout."""
    made = ceiling_for_tests()
    return replace(made, limits=replace(made.limits, signins_per_user=MANY, failed_signins=MANY))


@pytest.fixture
def site(state_url: str, tmp_path: Any) -> Iterator[tuple[FakeWorker, FakeWorker]]:
    """Two workers that share one state."""
    clock = FakeClock()
    corp = CrowdedDirectory(clock)
    first = FakeWorker(tmp_path, clock=clock, corp=corp, ceiling=lenient(), url=state_url)
    second = first.successor()
    yield first, second
    second.state.close()
    first.state.close()


def crowded(worker: FakeWorker) -> CrowdedDirectory:
    """The directory of a worker of `site`."""
    assert isinstance(worker.corp, CrowdedDirectory)
    return worker.corp


def sign_in(worker: FakeWorker, password: str, name: str = "bob") -> Answer:
    return worker.ask(SignIn(site="main", name=name), password)


def change(worker: FakeWorker, old: str, attempt: bytes) -> Answer:
    return worker.ask(ChangePassword(site="main", attempt=attempt), NEW, old)


@pytest.mark.race
@pytest.mark.parametrize("before", [0, 1, 2, 3])
@pytest.mark.parametrize("threshold", [1, 2, 3, 4, 5])
def test_four_wrong_passwords_at_once_leave_the_account_one_below_its_threshold(
    site: tuple[FakeWorker, FakeWorker], threshold: int, before: int
) -> None:
    corp = crowded(site[0])
    account = corp.add("bob")
    corp.threshold, corp.people[account.guid].bad_passwords = threshold, before
    corp.crowd = Barrier(4)
    attempts = [site[number % 2].begin("bob", Operation.CHANGE).attempt for number in range(4)]

    def wrong(number: int) -> Answer:
        worker = site[number // 2]
        return sign_in(worker, "no") if number % 2 else change(worker, "no", attempts[number])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(wrong, range(4))) == [WRONG] * 4
    person = corp.people[account.guid]
    assert person.bad_passwords == max(before, min(before + 4, threshold - 1))
    assert not person.account.locked


@pytest.mark.race
def test_without_a_threshold_all_of_them_reach_ad(site: tuple[FakeWorker, FakeWorker]) -> None:
    corp = crowded(site[0])
    account = corp.add("bob")
    corp.threshold, corp.crowd = 0, Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda number: sign_in(site[number % 2], "no"), range(4))) == [WRONG] * 4
    assert corp.people[account.guid].bad_passwords == 4


@pytest.mark.parametrize(
    ("threshold", "bad", "tried"),
    [(1, 0, False), (2, 0, True), (2, 1, False), (3, 1, True), (3, 2, False), (10, 8, True), (10, 9, False)],
)
def test_a_try_is_safe_while_one_more_stays_below_the_threshold(
    worker: FakeWorker, threshold: int, bad: int, tried: bool
) -> None:
    account = worker.corp.add("bob")
    worker.corp.threshold, worker.corp.people[account.guid].bad_passwords = threshold, bad
    assert (sign_in(worker, PASSWORD).outcome is Outcome.DONE) is tried


def leave_open(worker: FakeWorker, account: Account) -> None:
    """Do what a worker does that dies while AD is being asked."""
    worker.site.register.reserve_password(account.owner, typed="0" * 32)


def test_the_open_try_of_a_dead_worker_counts_for_a_minute(site: tuple[FakeWorker, FakeWorker]) -> None:
    first, second = site
    account = first.corp.add("bob")
    first.corp.threshold = 2
    leave_open(first, account)
    assert sign_in(second, PASSWORD) == WRONG
    first.clock.move(OPEN_FOR)
    assert sign_in(second, PASSWORD).outcome is Outcome.DONE


def test_open_tries_of_one_person_are_nobody_elses(site: tuple[FakeWorker, FakeWorker]) -> None:
    worker = site[0]
    worker.corp.threshold = 2
    leave_open(worker, worker.corp.add("bob"))
    worker.corp.add("carol")
    assert sign_in(worker, PASSWORD, "carol").outcome is Outcome.DONE


def test_a_try_that_was_held_up_sends_no_password(site: tuple[FakeWorker, FakeWorker]) -> None:
    worker = site[0]
    worker.corp.add("bob")
    crowded(worker).before_looking = lambda: worker.clock.move(OPEN_FOR)  # a machine that was put to sleep
    assert sign_in(worker, PASSWORD) == WRONG
    assert worker.corp.binds == []


@dataclass
class ForgetfulDirectory(FakeDirectory):
    """AD counts the try, and its answer is lost."""

    def check_password(self, account: Account, password: Secret) -> Outcome:
        super().check_password(account, password)
        raise DirectoryAway("The answer was lost.")


def test_a_try_whose_answer_was_lost_stays_open(tmp_path: Any) -> None:
    clock = FakeClock()
    corp = ForgetfulDirectory(clock)
    worker = FakeWorker(tmp_path, clock=clock, corp=corp)
    account = corp.add("bob")
    corp.threshold = 3
    assert sign_in(worker, "no") == WRONG
    corp.people[account.guid].bad_passwords = 0  # and this read came too early to show it
    assert sign_in(worker, "no") == WRONG
    corp.people[account.guid].bad_passwords = 0
    assert sign_in(worker, "no") == WRONG
    assert corp.binds == ["bob", "bob"]
    worker.state.close()


def exhausted(worker: FakeWorker, name: str) -> list[Answer]:
    """Ten wrong old passwords of a stranger, three an hour at most."""
    answers = []
    for number in range(12):
        attempt = worker.begin(name, Operation.CHANGE).attempt
        answers.append(change(worker, "no", attempt))
        if number % 3 == 2:
            worker.clock.move(3600)
    return answers


@pytest.fixture
def forgiving(tmp_path: Any) -> Iterator[FakeWorker]:
    """A worker in front of a directory that locks nobody out."""
    worker = FakeWorker(tmp_path)
    worker.corp.threshold = 0
    yield worker
    worker.state.close()


def test_wrong_old_passwords_take_nobodys_reset_away(forgiving: FakeWorker) -> None:
    alice = register(forgiving)
    assert exhausted(forgiving, "alice") == [WRONG] * 12
    opened = forgiving.begin("alice")
    alice.prove(opened, MethodKind.EMAIL, MethodKind.TOTP)
    answer = forgiving.ask(ResetPassword(site="main", attempt=opened.attempt), NEW)
    assert answer.outcome is Outcome.DONE


def test_wrong_old_passwords_tell_nobody_who_exists(forgiving: FakeWorker) -> None:
    forgiving.corp.add("alice")
    assert exhausted(forgiving, "alice") == exhausted(forgiving, "nobody")


def test_wrong_old_passwords_in_one_attempt_are_as_many_for_everybody(tmp_path: Any) -> None:
    worker = FakeWorker(tmp_path, ceiling=lenient())
    worker.corp.threshold = 0
    worker.corp.add("alice")
    said = {}
    for name in ("alice", "nobody"):
        attempt = worker.begin(name, Operation.CHANGE).attempt
        said[name] = [change(worker, "no", attempt) for _ in range(12)]
    assert said["alice"] == said["nobody"] == [WRONG] * 12
    worker.state.close()


ONCE = (Rate(count=1, seconds=3600),)


@pytest.mark.parametrize("limits", [Limits(site=ONCE), Limits(per_user=ONCE)])
def test_a_limit_is_told_only_after_the_right_old_password(tmp_path: Any, limits: Limits) -> None:
    worker = FakeWorker(tmp_path, ceiling=replace(ceiling_for_tests(), limits=limits))
    worker.corp.threshold = 0
    worker.corp.add("alice")
    first = worker.begin("alice", Operation.CHANGE).attempt
    assert isinstance(change(worker, PASSWORD, first).facts, Applied)
    second, third = (worker.begin("alice", Operation.CHANGE).attempt for _ in range(2))
    made_up = worker.begin("nobody", Operation.CHANGE).attempt
    assert change(worker, "no", second) == change(worker, "no", made_up) == WRONG
    assert change(worker, NEW, third).outcome is Outcome.LIMIT_REACHED
    worker.state.close()


def test_a_parallel_job_is_not_told_to_a_stranger(site: tuple[FakeWorker, FakeWorker]) -> None:
    worker = site[0]
    worker.corp.threshold = 0
    worker.corp.add("alice")
    attempt = worker.begin("alice", Operation.CHANGE).attempt
    inner: list[Answer] = []

    def meanwhile() -> None:
        crowded(worker).before_changing = do_nothing
        inner.append(change(worker, "no", attempt))

    crowded(worker).before_changing = meanwhile
    assert change(worker, "no", attempt) == WRONG
    assert inner == [WRONG]


def test_a_directory_that_is_away_is_told_to_everybody(forgiving: FakeWorker) -> None:
    forgiving.corp.add("alice")
    attempts = [forgiving.begin(name, Operation.CHANGE).attempt for name in ("alice", "nobody")]
    forgiving.corp.away = True
    for attempt in attempts:
        with pytest.raises(DirectoryAway):
            change(forgiving, "no", attempt)
