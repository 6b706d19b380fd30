"""SignIn and ChangePassword: an AD password is tried only where that can lock nobody out and spray nobody."""

from typing import Any

import pytest

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import PASSWORD, FakeWorker, facts
from writeback.envelope.answers import Answer, Applied, Outcome, PolicyRefusal, SignedIn, Wait
from writeback.envelope.jobs import ChangePassword, Operation, SignIn, reference_of
from writeback.ports import DirectoryAway

WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
NEW = "Spring-sun-77"
HOUR = 3600


def sign_in(worker: FakeWorker, name: str = "bob", password: str = PASSWORD) -> Answer:
    return worker.ask(SignIn(site="main", name=name), password)


def change(worker: FakeWorker, name: str = "bob", *, old: str = PASSWORD, new: str = NEW) -> Answer:
    opened = worker.begin(name, Operation.CHANGE)
    return worker.ask(ChangePassword(site="main", attempt=opened.attempt), new, old)


VERBS = {
    "sign in": sign_in,
    "change": lambda worker, name, password: change(worker, name, old=password),
}


def test_the_right_password_opens_a_session(worker: FakeWorker) -> None:
    account = worker.corp.add("bob")
    session = facts(sign_in(worker), SignedIn)
    assert (session.account, session.name, session.display_name) == (account.guid, "bob", "Bob")
    assert (session.first, session.expires) == (True, HOUR)


def test_the_audit_of_a_session_names_the_job_that_opened_it(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    jti = b"0123456789abcdef"
    session = facts(worker.ask(SignIn(site="main", name="bob"), PASSWORD, jti=jti), SignedIn)
    told = {event: (reference, facts) for event, reference, facts in worker.audit.events}
    assert told["signin"][0] == reference_of(jti)
    assert told["attempt.opened"][0] == reference_of(session.attempt)
    assert told["attempt.opened"][1]["asked_as"] == reference_of(jti)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ({"must_change": True}, Outcome.MUST_CHANGE),
        ({"disabled": True}, Outcome.ACCOUNT_DISABLED),
        ({"expired": True}, Outcome.ACCOUNT_EXPIRED),
    ],
)
def test_the_right_password_gets_the_true_reason(
    worker: FakeWorker, state: dict[str, Any], outcome: Outcome
) -> None:
    worker.corp.add("bob", **state)
    assert sign_in(worker) == Answer(outcome=outcome)
    assert sign_in(worker, password="no") == WRONG


def test_an_expired_password_is_told_after_the_right_password(worker: FakeWorker) -> None:
    worker.corp.people[worker.corp.add("bob").guid].password_expired = True
    assert sign_in(worker) == Answer(outcome=Outcome.PASSWORD_EXPIRED)


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize("who", ["known", "unknown", "out of scope", "protected"])
def test_three_wrong_passwords_an_hour_are_the_limit_for_each_name(
    worker: FakeWorker, verb: str, who: str
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "known": {},
        "out of scope": {"dn": "CN=bob,OU=Guests,DC=corp,DC=example"},
        "protected": {"sids": frozenset({f"{DOMAIN}-1", f"{DOMAIN}-512"})},
    }
    if who in changes:
        worker.corp.add("bob", **changes[who])
    worker.corp.threshold = 0
    answers = [VERBS[verb](worker, "bob", "wrong-Password-1") for _ in range(4)]
    assert answers == [*[WRONG] * 3, Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=HOUR))]
    assert len(worker.corp.binds) + len(worker.corp.writes) == (3 if who == "known" else 0)
    worker.clock.move(HOUR)
    assert VERBS[verb](worker, "bob", "wrong-Password-1") == WRONG


def test_signing_in_and_changing_share_one_count(worker: FakeWorker) -> None:
    worker.corp.threshold = 0
    worker.corp.add("bob")
    answers = [sign_in(worker, password="no"), change(worker, old="no"), sign_in(worker, password="no")]
    assert answers == [WRONG] * 3
    assert change(worker).outcome == Outcome.TOO_MANY_TRIES


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize(
    ("threshold", "bad", "closed"),
    [(5, 3, False), (5, 4, True), (3, 1, False), (3, 2, True), (2, 0, False), (2, 1, True), (0, 99, False)],
)
def test_nobody_is_brought_near_the_lockout_of_ad(
    worker: FakeWorker, verb: str, threshold: int, bad: int, closed: bool
) -> None:
    account = worker.corp.add("bob")
    worker.corp.threshold, worker.corp.people[account.guid].bad_passwords = threshold, bad
    answer = VERBS[verb](worker, "bob", PASSWORD)
    assert (answer == WRONG) is closed
    assert ("password.not-tried" in {event for event, _, _ in worker.audit.events}) is closed
    assert bool(worker.corp.binds or worker.corp.writes) is not closed
    assert not worker.corp.people[account.guid].account.locked


@pytest.mark.parametrize("verb", list(VERBS))
def test_a_locked_account_is_not_told_without_proof(worker: FakeWorker, verb: str) -> None:
    worker.corp.add("bob", locked=True)
    assert VERBS[verb](worker, "bob", PASSWORD) == VERBS[verb](worker, "zed", PASSWORD) == WRONG
    assert worker.corp.binds == worker.corp.writes == []


def test_sixty_failures_close_the_site_for_ten_minutes_and_lock_nobody(worker: FakeWorker) -> None:
    names = [f"person{number}" for number in range(30)]
    accounts = [worker.corp.add(name) for name in names]
    answers = [sign_in(worker, name, "Sommer2026!") for _ in range(2) for name in names]
    assert answers == [WRONG] * 60
    assert sign_in(worker, names[0]) == Answer(outcome=Outcome.SIGN_IN_CLOSED, facts=Wait(seconds=600))
    assert change(worker, names[0]) == Answer(outcome=Outcome.SIGN_IN_CLOSED, facts=Wait(seconds=600))
    assert not any(worker.corp.people[account.guid].account.locked for account in accounts)
    worker.clock.move(600)
    assert sign_in(worker, names[0]).outcome == Outcome.DONE


def test_right_passwords_use_up_nothing(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    assert {sign_in(worker).outcome for _ in range(70)} == {Outcome.DONE}


@pytest.mark.parametrize("password", ["", "\0", "x" * 129, "\ud800"])
@pytest.mark.parametrize("verb", list(VERBS))
def test_an_impossible_password_is_wrong_and_never_reaches_ad(
    worker: FakeWorker, verb: str, password: str
) -> None:
    worker.corp.add("bob")
    assert VERBS[verb](worker, "bob", password) == WRONG
    assert worker.corp.binds == worker.corp.writes == []


def test_a_directory_that_is_away_costs_nobody_a_try(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    opened = worker.begin("bob", Operation.CHANGE)
    worker.corp.away = True
    for _ in range(5):
        with pytest.raises(DirectoryAway):
            worker.ask(ChangePassword(site="main", attempt=opened.attempt), NEW, PASSWORD)
    worker.corp.away = False
    assert sign_in(worker).outcome == Outcome.DONE


def test_the_old_password_changes_the_password_and_the_person_is_told(worker: FakeWorker) -> None:
    account = worker.corp.add("bob")
    facts(change(worker), Applied)
    assert worker.corp.people[account.guid].password == NEW
    assert [(note.kind, note.to.reveal()) for note in worker.mails()] == [
        ("notice-change", "bob@mail.example")
    ]


def test_a_person_who_must_change_the_password_can(worker: FakeWorker) -> None:
    worker.corp.add("bob", must_change=True)
    assert change(worker).outcome == Outcome.DONE


def test_the_rules_are_reported_only_after_ad_has_seen_the_old_password(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    assert change(worker, old="no", new="short") == WRONG
    answer = change(worker, new="short")
    assert answer.outcome == Outcome.REFUSED_BY_POLICY
    assert isinstance(answer.facts, PolicyRefusal)


def test_a_refused_password_leaves_the_attempt_open(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    attempt = worker.begin("bob", Operation.CHANGE).attempt
    job = ChangePassword(site="main", attempt=attempt)
    assert worker.ask(job, "short", PASSWORD).outcome == Outcome.REFUSED_BY_POLICY
    assert worker.ask(job, NEW, PASSWORD).outcome == Outcome.DONE
    assert worker.ask(job, "Other-word-99", NEW) == Answer(outcome=Outcome.ATTEMPT_GONE)


@pytest.mark.parametrize("new", ["", "a\0", "x" * 129])
def test_an_unusable_new_password_is_refused_alike_for_everybody(worker: FakeWorker, new: str) -> None:
    worker.corp.add("bob")
    for name in ("bob", "nobody"):
        assert change(worker, name, new=new) == Answer(outcome=Outcome.UNUSABLE_PASSWORD)
    assert worker.corp.writes == []


def test_the_password_of_a_disabled_account_is_judged_and_not_changed(worker: FakeWorker) -> None:
    worker.corp.add("bob", disabled=True)
    assert change(worker, old="no") == WRONG
    assert change(worker) == Answer(outcome=Outcome.ACCOUNT_DISABLED)
    assert worker.corp.writes == []


def test_an_account_that_may_not_change_its_password_is_told_so(worker: FakeWorker) -> None:
    worker.corp.people[worker.corp.add("bob").guid].cannot_change = True
    assert change(worker) == Answer(outcome=Outcome.CANNOT_CHANGE)
