"""A fault that only real people's passwords meet reads like a wrong one until AD has taken it for right."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.worker import PASSWORD, FakeWorker
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, SignIn
from writeback.envelope.secret import Secret
from writeback.ports import Account, CantJudge, DirectoryAway, Lockout, Preimage, Unreadable, Written

WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
NEW = "Spring-sun-77"
NAMED = "Alice-sun-77"


@dataclass
class FaultyDirectory(FakeDirectory):
    """Verbs that only real people's passwords need fail; all that is asked for everybody is answered.

    Args:
        faults: what a verb raises or answers, by its name.
    """

    faults: dict[str, Exception | Outcome] = field(default_factory=dict)

    def lockout(self, account: Account) -> Lockout:
        self._fail("lockout")
        return super().lockout(account)

    def changeable_at(self, account: Account, *, by_reset: bool) -> int:
        self._fail("changeable_at")
        return super().changeable_at(account, by_reset=by_reset)

    def prepare(self, account: Account) -> Preimage:
        self._fail("prepare")
        return super().prepare(account)

    def check_password(self, account: Account, password: Secret) -> Outcome:
        return self._fail("check_password") or super().check_password(account, password)

    def change_password(self, account: Account, old: Secret, new: Secret, *, at: Preimage) -> Written:
        outcome = self._fail("change_password")
        if outcome:
            return Written(outcome=outcome, detail="51 busy")
        return super().change_password(account, old, new, at=at)

    def pwd_last_set_on(self, dc: str, guid: bytes) -> int | None:
        self._fail("pwd_last_set_on")
        return super().pwd_last_set_on(dc, guid)

    def _fail(self, verb: str) -> Outcome | None:
        fault = self.faults.get(verb)
        if isinstance(fault, Exception):
            raise fault
        return fault


def staff(folder: Path, **faults: Exception | Outcome) -> FakeWorker:
    """A worker in front of a directory with these faults that serves alice and locks nobody out."""
    clock = FakeClock()
    corp = FaultyDirectory(clock, threshold=0, faults=faults)
    corp.add("alice")
    return FakeWorker(folder, clock=clock, corp=corp)


def sign_in(worker: FakeWorker, name: str, password: str = "no") -> Answer:
    return worker.ask(SignIn(site="main", name=name), password)


def change(worker: FakeWorker, name: str, password: str = "no", *, new: str = NEW) -> Answer:
    attempt = worker.begin(name, Operation.CHANGE).attempt
    return worker.ask(ChangePassword(site="main", attempt=attempt), new, password)


def change_to_name(worker: FakeWorker, name: str) -> Answer:
    return change(worker, name, new=NAMED)


VERBS: dict[str, Callable[[FakeWorker, str], Answer]] = {
    "sign in": sign_in,
    "change": change,
    "change to the name": change_to_name,
}
ANSWERED = (Outcome.DIRECTORY_AWAY, Outcome.DIRECTORY_REFUSED, Outcome.UNKNOWN)
AWAY = DirectoryAway("dc1: 51 busy")
TABLE: list[tuple[str, Exception | Outcome]] = [
    *((verb, AWAY) for verb in ("lockout", "changeable_at", "prepare", "check_password", "change_password")),
    *((verb, Unreadable("hidden")) for verb in ("lockout", "changeable_at", "prepare")),
    *((verb, outcome) for verb in ("check_password", "change_password") for outcome in ANSWERED),
]


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize(("fails", "fault"), TABLE)
def test_a_fault_at_a_real_person_reads_and_counts_as_for_an_invented_name(
    tmp_path: Path, verb: str, fails: str, fault: Exception | Outcome
) -> None:
    worker = staff(tmp_path, **{fails: fault})
    real, invented = ([VERBS[verb](worker, name) for _ in range(4)] for name in ("alice", "zed"))
    assert real == invented
    assert [answer.outcome for answer in real] == [Outcome.WRONG_PASSWORD] * 3 + [Outcome.TOO_MANY_TRIES]


def test_a_change_and_its_bind_that_both_fail_read_like_a_wrong_password(tmp_path: Path) -> None:
    worker = staff(tmp_path, change_password=AWAY, check_password=AWAY)
    assert change(worker, "alice", PASSWORD) == change(worker, "zed", PASSWORD) == WRONG


@pytest.mark.parametrize("verb", ["sign in", "change"])
def test_administrators_hear_of_the_fault(tmp_path: Path, verb: str) -> None:
    worker = staff(tmp_path, lockout=AWAY)
    VERBS[verb](worker, "alice")
    (told,) = worker.audit.of("password.not-judged")
    assert (told["outcome"], told["why"]) == ("directory-away", "dc1: 51 busy")
    assert worker.worries() == {f"unreadable:{next(iter(worker.corp.people)).hex()}"}


@pytest.mark.parametrize("outcome", [Outcome.DIRECTORY_AWAY, AWAY])
def test_the_right_old_password_tells_that_the_directory_is_away(
    tmp_path: Path, outcome: Exception | Outcome
) -> None:
    worker = staff(tmp_path, change_password=outcome)
    assert change(worker, "alice", PASSWORD).outcome is Outcome.DIRECTORY_AWAY


def test_a_change_with_a_lost_answer_is_reported_as_unknown(tmp_path: Path) -> None:
    worker = staff(tmp_path)
    worker.corp.loses_answers = True
    assert change(worker, "alice", PASSWORD).outcome is Outcome.UNKNOWN


def test_a_change_of_which_nothing_can_be_read_is_hidden_and_resolved_later(tmp_path: Path) -> None:
    worker = staff(tmp_path, pwd_last_set_on=AWAY)
    worker.corp.loses_answers = True
    assert change(worker, "alice", PASSWORD) == WRONG
    assert len(worker.journal.intents()) == 1


@pytest.mark.parametrize("name", ["alice", "zed"])
def test_a_worker_that_can_judge_nobody_says_so_to_everybody(tmp_path: Path, name: str) -> None:
    worker = staff(tmp_path)
    attempt = worker.begin(name, Operation.CHANGE).attempt
    worker.deny("CN=Gone,DC=corp,DC=example")
    with pytest.raises(CantJudge):
        worker.ask(ChangePassword(site="main", attempt=attempt), NEW, "no")


def test_an_account_that_becomes_unreadable_looks_like_an_invented_one(tmp_path: Path) -> None:
    worker = staff(tmp_path)
    attempt = worker.begin("alice", Operation.CHANGE).attempt
    worker.corp.unreadable |= set(worker.corp.people)
    assert worker.ask(ChangePassword(site="main", attempt=attempt), NEW, "no") == WRONG
