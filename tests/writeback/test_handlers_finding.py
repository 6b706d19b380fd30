"""Whom a name means is for administrators: a browser hears the same of a person, of several and of nobody."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import PASSWORD, FakeWorker, Registered
from tests.writeback.test_proof_decoys import shape
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, ResetPassword, SignIn, UnlockAccount
from writeback.envelope.methods import MethodKind
from writeback.ports import CantJudge, DirectoryAway

WRONG = Answer(outcome=Outcome.WRONG_PASSWORD)
GUESTS = "CN=mallory,OU=Guests,DC=corp,DC=example"


def sign_in(worker: FakeWorker, name: str, password: str = PASSWORD) -> Answer:
    return worker.ask(SignIn(site="main", name=name), password)


def change(worker: FakeWorker, name: str, old: str = PASSWORD) -> Answer:
    opened = worker.begin(name, Operation.CHANGE)
    return worker.ask(ChangePassword(site="main", attempt=opened.attempt), "Spring-sun-77", old)


def told(worker: FakeWorker, event: str) -> list[Mapping[str, str | int | bool]]:
    return [facts for name, _, facts in worker.audit.events if name == event]


# A fault between finding and judging


def test_an_account_that_can_not_be_read_is_like_a_name_that_nobody_has(
    alice: Registered, worker: FakeWorker
) -> None:
    worker.corp.unreadable.add(alice.account.guid)
    worker.corp.binds.clear()
    assert shape(worker.begin("alice")) == shape(worker.begin("zed"))
    assert sign_in(worker, "alice") == sign_in(worker, "zed") == WRONG
    assert change(worker, "alice") == change(worker, "zed") == WRONG
    assert worker.corp.binds == worker.corp.writes == []


def test_administrators_are_told_of_an_account_that_can_not_be_read(
    alice: Registered, worker: FakeWorker
) -> None:
    worker.corp.unreadable.add(alice.account.guid)
    opened = worker.begin("alice")
    worker.start(opened.attempt, opened.offers[1].factor)
    guid = alice.account.guid.hex()
    assert told(worker, "account.unreadable") == [{"account": guid, "why": "tokenGroups can't be read"}]
    assert told(worker, "attempt.opened")[-1]["verdict"] == "unreadable"
    assert worker.worries() == {f"unreadable:{guid}"}
    assert worker.mails() == []


@pytest.mark.parametrize("name", ["alice", "zed"])
def test_while_nobody_can_be_judged_the_door_is_closed_to_every_name(
    alice: Registered, worker: FakeWorker, name: str
) -> None:
    worker.deny("CN=Operators,DC=corp,DC=example")
    with pytest.raises(CantJudge):
        worker.begin(name)
    with pytest.raises(CantJudge):
        sign_in(worker, name)


@pytest.mark.parametrize("name", ["alice", "zed"])
def test_a_directory_that_goes_away_is_away_for_every_name(
    alice: Registered, worker: FakeWorker, name: str
) -> None:
    opened = worker.begin(name, Operation.CHANGE)
    worker.corp.away = True
    with pytest.raises(DirectoryAway):
        worker.begin(name)
    with pytest.raises(DirectoryAway):
        sign_in(worker, name)
    with pytest.raises(DirectoryAway):
        worker.ask(ChangePassword(site="main", attempt=opened.attempt), "Spring-sun-77", PASSWORD)


# Several of one name


@pytest.mark.parametrize(
    "other",
    [
        {"dn": GUESTS},
        {"sids": frozenset({f"{DOMAIN}-1300", f"{DOMAIN}-512"})},
        {"person": False},
    ],
    ids=["out of scope", "protected", "a computer"],
)
def test_a_shared_name_means_the_only_served_account(
    alice: Registered, worker: FakeWorker, other: dict[str, Any]
) -> None:
    worker.corp.add("mallory", mail=alice.account.upn, **other)
    opened = worker.begin(alice.account.upn)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    (facts,) = told(worker, "account.ambiguous")
    assert facts["served"] == alice.account.guid.hex()
    assert alice.account.guid.hex() in str(facts["accounts"])


def test_two_served_accounts_with_one_name_are_nobody_and_recorded(
    alice: Registered, worker: FakeWorker
) -> None:
    other = worker.corp.add("bob", mail=alice.account.upn)
    opened = worker.begin(alice.account.upn)
    worker.start(opened.attempt, opened.offers[1].factor)
    assert worker.mails() == []
    assert sign_in(worker, alice.account.upn) == WRONG
    facts = told(worker, "account.ambiguous")[0]
    assert set(str(facts["accounts"]).split(",")) == {alice.account.guid.hex(), other.guid.hex()}
    assert facts["dns"] == f"{alice.account.dn} | {other.dn}"
    assert facts["served"] == ""
    assert {each["verdict"] for each in told(worker, "attempt.opened")[-1:]} == {"ambiguous"}


def test_an_unknown_name_is_not_reported_as_a_deleted_account(worker: FakeWorker) -> None:
    worker.begin("zed")
    assert told(worker, "attempt.opened")[0]["verdict"] == "unknown-name"


# What the audit says of a password and a code that were never looked at


@pytest.mark.parametrize("verb", [sign_in, change])
def test_a_right_password_of_somebody_who_is_not_served_is_not_called_wrong(
    worker: FakeWorker, verb: Any
) -> None:
    worker.corp.add("mallory", dn=GUESTS)
    assert verb(worker, "mallory") == WRONG
    said = [facts for event in ("signin", "write.refused") for facts in told(worker, event)]
    assert [facts["outcome"] for facts in said] == ["not-tried"]
    opened = told(worker, "attempt.opened")
    assert (said[0].get("verdict") or opened[0]["verdict"]) == "out-of-scope"


def test_the_audit_never_calls_a_decoys_code_sent_or_wrong(worker: FakeWorker) -> None:
    opened = worker.begin("zed")
    mail = opened.offers[1].factor
    worker.start(opened.attempt, mail)
    worker.check(opened.attempt, mail, "00000000")
    assert told(worker, "factor.started")[0]["outcome"] == "nothing-sent"
    assert told(worker, "factor.checked")[0]["outcome"] == "no-code-fits"


def test_a_way_without_codes_is_not_reported_as_having_sent_nothing(worker: FakeWorker) -> None:
    opened = worker.begin("zed")
    worker.start(opened.attempt, opened.offers[0].factor)
    assert told(worker, "factor.started")[0]["outcome"] == "done"


# What a password proves


def test_a_person_outside_logon_hours_can_register(worker: FakeWorker) -> None:
    worker.corp.people[worker.corp.add("bob").guid].restricted = True
    assert sign_in(worker, "bob").outcome == Outcome.DONE
    assert sign_in(worker, "bob", "no") == WRONG


def test_a_forbidden_change_is_told_after_the_right_password(worker: FakeWorker) -> None:
    worker.corp.threshold = 0
    worker.corp.people[worker.corp.add("bob").guid].cannot_change = True
    assert change(worker, "bob") == Answer(outcome=Outcome.CANNOT_CHANGE)
    assert [change(worker, "bob", "no") for _ in range(3)] == [WRONG] * 3
    assert change(worker, "bob", "no").outcome == change(worker, "bob").outcome == Outcome.TOO_MANY_TRIES


def test_a_missing_right_is_told_after_the_right_password(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    worker.corp.refuses_writes = True
    assert change(worker, "bob", "no") == change(worker, "zed", "no") == WRONG
    assert change(worker, "bob") == Answer(outcome=Outcome.DIRECTORY_REFUSED)


def test_a_smart_card_account_is_named_after_the_right_password(worker: FakeWorker) -> None:
    worker.corp.add("bob", smart_card=True)
    assert change(worker, "bob", "no") == WRONG
    assert change(worker, "bob") == Answer(outcome=Outcome.SMART_CARD)
    assert worker.corp.writes == []


def test_a_smart_card_account_gets_no_new_password_but_can_be_unlocked(
    alice: Registered, worker: FakeWorker
) -> None:
    worker.corp.change_account(alice.account.guid, smart_card=True, locked=True)
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    answer = worker.ask(ResetPassword(site="main", attempt=opened.attempt), "Spring-sun-77")
    assert answer == Answer(outcome=Outcome.SMART_CARD)
    assert worker.corp.writes == []
    worker.clock.move(60)
    unlocking = worker.begin("alice", Operation.UNLOCK)
    alice.prove(unlocking, MethodKind.TOTP)
    answer = worker.ask(UnlockAccount(site="main", attempt=unlocking.attempt))
    assert answer.outcome == Outcome.DONE
    assert worker.corp.writes == ["unlock alice"]


# Spellings


SPELLINGS = [
    "{}",
    "CORP\\{}",
    "corp/{}",
    "{}@corp.example",
    "{}@CORP.example.",
    " {}\u200b",
    "{}@mail.example",
    "{}@evil.example",
    "evil\\{}",
    "x{}",
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(SPELLINGS), st.booleans()), min_size=2, max_size=6))
def test_two_spellings_show_the_same_of_a_person_exactly_if_they_do_of_nobody(
    alice: Registered, worker: FakeWorker, typed: list[tuple[str, bool]]
) -> None:
    shown: list[list[object]] = []
    for name in ("alice", "zedda"):
        names = [spelling.format(name.upper() if upper else name) for spelling, upper in typed]
        shown.append([shape(worker.begin(each)) for each in names])
    assert shown[0] == shown[1]


def test_a_person_is_served_under_each_of_their_names(alice: Registered, worker: FakeWorker) -> None:
    for name in ("\uff41lice", "CORP/alice", "alice@corp.example.", "\u200balice", "alice@mail.example"):
        opened = worker.begin(name)
        app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
        worker.clock.move(60)
        assert worker.check(opened.attempt, app, alice.app_code()).outcome == Outcome.DONE, ascii(name)
