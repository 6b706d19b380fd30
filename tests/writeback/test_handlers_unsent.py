"""A password that holds its bearer's name is refused where the rules ask for it, whatever AD takes."""

from dataclasses import replace

import pytest

from tests.fakes.worker import PASSWORD, FakeWorker, Registered
from writeback.envelope.answers import Answer, Outcome, PolicyRefusal, Rule
from writeback.envelope.jobs import ChangePassword, Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.journal import SqlJournal
from writeback.ports import DirectoryAway

NAMED = "alice-Alice-2026"
NEW = "Spring-sun-77"
WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)


@pytest.fixture(autouse=True)
def samba(worker: FakeWorker) -> None:
    worker.corp.takes_names = True


def reset(alice: Registered, *passwords: str) -> list[Answer]:
    """Try several passwords in one attempt."""
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    job = ResetPassword(site="main", attempt=opened.attempt)
    return [alice.worker.ask(job, password) for password in passwords]


def change(worker: FakeWorker, *, old: str = PASSWORD, new: str = NAMED, name: str = "alice") -> Answer:
    opened = worker.begin(name, Operation.CHANGE)
    return worker.ask(ChangePassword(site="main", attempt=opened.attempt), new, old)


def broken(answer: Answer) -> tuple[Rule, ...]:
    assert answer.outcome is Outcome.REFUSED_BY_POLICY
    assert isinstance(answer.facts, PolicyRefusal)
    return answer.facts.rules


def left(answer: Answer) -> tuple[int, int]:
    assert isinstance(answer.facts, PolicyRefusal)
    return answer.facts.left, answer.facts.again


def test_a_reset_to_the_own_name_is_refused_unsent_and_costs_no_proof(alice: Registered) -> None:
    refused, done = reset(alice, NAMED, NEW)
    assert broken(refused) == (Rule.NAME_IN_PASSWORD,)
    assert done.outcome is Outcome.DONE
    assert alice.worker.corp.writes == ["reset alice"]


def test_each_part_of_the_displayed_name_counts(alice: Registered) -> None:
    alice.worker.corp.change_account(alice.account.guid, display_name="Archer, Alice Jo")
    refused, done = reset(alice, "My-ARCHER-2026", "My-jo-ann-2026")
    assert (broken(refused), done.outcome) == ((Rule.NAME_IN_PASSWORD,), Outcome.DONE)


def test_refusals_for_a_name_count_like_the_directorys(alice: Registered) -> None:
    most = alice.worker.ceiling.attempts.refused_passwords
    *refused, last = reset(alice, *[NAMED] * most, NEW)
    assert [answer.outcome for answer in refused] == [Outcome.REFUSED_BY_POLICY] * most
    assert last.outcome is not Outcome.DONE
    assert alice.worker.corp.writes == []


def test_each_refusal_says_how_many_more_may_be_tried_and_the_last_one_when_again(alice: Registered) -> None:
    *before, last = map(left, reset(alice, *[NAMED] * 5))
    assert before == [(4, 0), (3, 0), (2, 0), (1, 0)]
    assert last == (0, 3600)


def test_another_attempt_may_begin_at_once_within_the_limit(alice: Registered) -> None:
    worker = alice.worker
    ceiling = replace(worker.ceiling, attempts=replace(worker.ceiling.attempts, refused_passwords=2))
    worker.journal = SqlJournal(worker.state, worker.keys, worker.clock, ceiling)
    worker.site.journal = worker.journal
    assert [left(answer) for answer in reset(alice, NAMED, NAMED)] == [(1, 0), (0, 0)]


def test_tries_in_an_earlier_attempt_reduce_what_is_left(alice: Registered) -> None:
    reset(alice, NAMED, NAMED, NAMED)
    alice.worker.clock.move(60)
    assert [left(answer) for answer in reset(alice, NAMED)] == [(1, 0)]


def test_a_change_tells_the_remaining_tries_too(worker: FakeWorker) -> None:
    worker.corp.add("alice")
    assert [left(change(worker))[0] for _ in range(5)] == [4, 3, 2, 1, 0]


def test_without_complexity_a_name_is_a_word_like_others(alice: Registered) -> None:
    alice.worker.corp.rules = replace(alice.worker.corp.rules, complexity=False)
    assert [answer.outcome for answer in reset(alice, NAMED)] == [Outcome.DONE]
    assert change(alice.worker, old=NAMED, new="alice-again-1").outcome is Outcome.DONE


@pytest.mark.parametrize("must_change", [False, True])
def test_a_change_to_the_own_name_is_refused_to_who_knows_the_old_password(
    worker: FakeWorker, must_change: bool
) -> None:
    worker.corp.add("alice", must_change=must_change)
    assert broken(change(worker)) == (Rule.NAME_IN_PASSWORD,)
    assert worker.corp.writes == []
    assert change(worker, new=NEW).outcome is Outcome.DONE


def test_a_name_in_the_password_is_told_to_an_expired_person_too(worker: FakeWorker) -> None:
    worker.corp.people[worker.corp.add("alice").guid].password_expired = True
    assert broken(change(worker)) == (Rule.NAME_IN_PASSWORD,)


def test_a_wrong_old_password_reveals_nothing_and_counts_once_in_ad(worker: FakeWorker) -> None:
    account = worker.corp.add("alice")
    assert change(worker, old="no") == change(worker, old="no", name="zed") == WRONG
    assert worker.corp.people[account.guid].bad_passwords == 1
    assert worker.corp.writes == []


def test_a_wrong_old_password_is_counted_against_the_person_too(worker: FakeWorker) -> None:
    worker.corp.threshold = 0
    worker.corp.add("alice")
    answers = [change(worker, old="no").outcome for _ in range(4)]
    assert answers == [*[Outcome.WRONG_PASSWORD] * 3, Outcome.TOO_MANY_TRIES]


def test_an_ordinary_password_costs_no_question_more(alice: Registered) -> None:
    alice.worker.corp.binds.clear()
    assert change(alice.worker, new=NEW).outcome is Outcome.DONE
    assert alice.worker.corp.binds == []


def test_rules_that_can_not_be_read_let_no_name_through(alice: Registered) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    alice.worker.corp.away = True
    with pytest.raises(DirectoryAway):
        alice.worker.ask(ResetPassword(site="main", attempt=opened.attempt), NAMED)
    assert alice.worker.corp.writes == []
