"""CheckGroups and ExplainPerson: what an administrator is told, and what a captured portal is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import FakeWorker, Registered, ceiling_for_tests, facts
from writeback.ceiling import Rate
from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.codec import encode
from writeback.envelope.jobs import Begin, CheckGroups, ExplainPerson, Operation
from writeback.envelope.questions import (
    GroupFacts,
    GroupKind,
    GroupsChecked,
    PersonExplained,
    PersonVerdict,
)
from writeback.handlers.check_groups import MOST_MEMBERS
from writeback.ports import DirectoryAway, Unreadable

STAFF, LIST, GONE = (f"CN={name},OU=Groups,DC=corp,DC=example" for name in ("staff", "list", "gone"))
STAFF_SID = f"{DOMAIN}-5001"
MISSING = GroupFacts(kind=GroupKind.MISSING, members=None, more=False)
FOR_MAIL = GroupFacts(kind=GroupKind.FOR_MAIL, members=None, more=False)
EVERYTHING = tuple(Operation)


@pytest.fixture
def company(worker: FakeWorker) -> FakeWorker:
    """A worker whose directory has a group of each kind."""
    worker.corp.groups |= {STAFF: STAFF_SID, LIST: f"{DOMAIN}-5002"}
    worker.corp.for_mail.add(LIST)
    return worker


def in_staff(worker: FakeWorker, name: str, **state: Any) -> None:
    account = worker.corp.add(name, **state)
    worker.corp.change_account(account.guid, sids=account.sids | {STAFF_SID})


def check(worker: FakeWorker, *groups: str) -> tuple[GroupFacts, ...]:
    return facts(worker.ask(CheckGroups(site="main", groups=groups)), GroupsChecked).groups


def explain(worker: FakeWorker, name: str, *groups: str) -> PersonExplained:
    return facts(worker.ask(ExplainPerson(site="main", name=name, only_groups=groups)), PersonExplained)


def test_each_group_is_reported_with_its_kind_and_size(company: FakeWorker) -> None:
    in_staff(company, "bob")
    in_staff(company, "carol")
    staff = GroupFacts(kind=GroupKind.SECURITY, members=2, more=False)
    assert check(company, STAFF, GONE, LIST) == (staff, MISSING, FOR_MAIL)
    (told,) = company.audit.of("groups.checked")
    assert (told["groups"], told["wrong"]) == (3, 2)


def test_people_of_a_large_group_are_counted_up_to_a_cap(
    company: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company.corp, "count_members", lambda dn, most: most + 1)
    assert check(company, STAFF) == (GroupFacts(kind=GroupKind.SECURITY, members=MOST_MEMBERS, more=True),)


def test_a_group_whose_people_can_not_be_counted_is_one_all_the_same(
    company: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(dn: str, *, most: int) -> int:
        raise DirectoryAway("TimeoutError")

    monkeypatch.setattr(company.corp, "count_members", too_slow)
    assert check(company, STAFF) == (GroupFacts(kind=GroupKind.SECURITY, members=None, more=True),)


def test_a_group_that_may_not_be_read_is_reported(
    company: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hidden(dns: list[str]) -> frozenset[str]:
        raise Unreadable("groupType can't be read")

    monkeypatch.setattr(company.corp, "group_sids", hidden)
    assert [one.kind for one in check(company, STAFF)] == [GroupKind.UNREADABLE]


def test_while_the_directory_is_away_no_group_is_called_missing(company: FakeWorker) -> None:
    company.corp.away = True
    with pytest.raises(DirectoryAway):  # which intake answers
        company.ask(CheckGroups(site="main", groups=(STAFF,)))


@pytest.mark.parametrize(
    ("state", "operations", "because"),
    [
        ({}, EVERYTHING, None),
        ({"locked": True}, EVERYTHING, None),
        ({"must_change": True}, EVERYTHING, None),
        ({"disabled": True}, (), Outcome.ACCOUNT_DISABLED),
        ({"expired": True}, (), Outcome.ACCOUNT_EXPIRED),
        ({"smart_card": True}, (Operation.UNLOCK,), Outcome.SMART_CARD),
    ],
)
def test_a_served_person_is_explained_with_what_the_account_allows(
    company: FakeWorker, state: dict[str, bool], operations: tuple[Operation, ...], because: Outcome | None
) -> None:
    in_staff(company, "bob", **state)
    assert explain(company, "bob", GONE, STAFF, LIST) == PersonExplained(
        verdict=PersonVerdict.SERVED, operations=operations, because=because, groups=(1,), missing=(0, 2)
    )
    assert explain(company, "bob").verdict is PersonVerdict.SERVED


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ({"dn": "CN=bob,OU=Outside,DC=corp,DC=example"}, PersonVerdict.OUT_OF_SCOPE),
        ({"person": False}, PersonVerdict.OUT_OF_SCOPE),
        ({"admin_count": True}, PersonVerdict.PROTECTED),
        ({"has_spn": True}, PersonVerdict.PROTECTED),
        ({"unreadable": ("adminCount",)}, PersonVerdict.UNREADABLE),
    ],
)
def test_an_unserved_person_is_explained_by_the_verdict_alone(
    company: FakeWorker, state: dict[str, object], verdict: PersonVerdict
) -> None:
    in_staff(company, "bob", **state)
    told = explain(company, "bob", STAFF)
    assert told == PersonExplained(verdict=verdict, operations=(), because=None, groups=(), missing=())


def test_administrators_can_tell_unknown_and_shared_names_apart(company: FakeWorker) -> None:
    assert explain(company, "nobody").verdict is PersonVerdict.UNKNOWN
    company.corp.add("bob", mail="same@mail.example")
    company.corp.add("carol", mail="same@mail.example")
    assert explain(company, "same@mail.example").verdict is PersonVerdict.AMBIGUOUS


def test_a_person_in_no_selected_group_is_explained_as_begin_treats_them(company: FakeWorker) -> None:
    company.corp.add("bob")
    assert explain(company, "bob", STAFF).verdict is PersonVerdict.NOT_SELECTED
    company.ask(Begin(site="main", operation=Operation.RESET, name="bob", only_groups=(STAFF,)))
    assert company.audit.of("attempt.opened")[-1]["verdict"] == "out-of-scope"


def test_nothing_tells_who_has_registered(alice: Registered) -> None:
    before = len(alice.worker.mails())
    alice.worker.corp.add("bob")
    told = [encode(explain(alice.worker, name)) for name in ("alice", "bob")]
    assert told[0] == told[1]
    assert len(alice.worker.mails()) == before == 0


def few_questions(folder: Path, count: int) -> FakeWorker:
    usual = ceiling_for_tests()
    rates = (Rate(count=count, seconds=3600),)
    return FakeWorker(folder, ceiling=replace(usual, limits=replace(usual.limits, questions=rates)))


def test_questions_of_a_captured_portal_are_limited_and_recorded(tmp_path: Path) -> None:
    worker = few_questions(tmp_path, 3)
    worker.corp.add("bob")
    assert explain(worker, "bob").verdict is PersonVerdict.SERVED
    assert check(worker, GONE) == (MISSING,)
    assert explain(worker, "nobody").verdict is PersonVerdict.UNKNOWN
    wait = Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=3600))
    assert worker.ask(ExplainPerson(site="main", name="bob")) == wait
    assert worker.ask(CheckGroups(site="main", groups=(GONE,))) == wait
    assert worker.successor().ask(ExplainPerson(site="main", name="bob")) == wait
    assert [told["outcome"] for told in worker.audit.of("person.explained")] == [
        "done",
        "done",
        "limit-reached",
    ]
    worker.clock.move(3600)
    assert explain(worker, "bob").verdict is PersonVerdict.SERVED


def test_groups_that_a_person_is_explained_by_are_questions_too(tmp_path: Path) -> None:
    worker = few_questions(tmp_path, 3)
    in_staff(worker, "bob")
    too_many = ExplainPerson(site="main", name="bob", only_groups=(STAFF, GONE, LIST))
    assert worker.ask(too_many).outcome is Outcome.LIMIT_REACHED
    assert not worker.audit.of("group.asked")
    assert explain(worker, "nobody", STAFF, GONE).verdict is PersonVerdict.UNKNOWN
    assert worker.ask(ExplainPerson(site="main", name="bob")).outcome is Outcome.LIMIT_REACHED
    assert [told["group"] for told in worker.audit.of("group.asked")] == [STAFF, GONE]
    assert [told.get("groups") for told in worker.audit.of("person.explained")] == [3, 2, 0]


def test_the_audit_tells_names_of_nobody_apart_and_keeps_none(company: FakeWorker) -> None:
    for name in ("nobody", "NOBODY", "Spring-sun-77"):
        explain(company, name)
    typed = [told["typed"] for told in company.audit.of("person.explained")]
    assert typed[0] == typed[1] != typed[2]
    assert "Spring-sun-77" not in str(company.audit.events)


def test_the_audit_names_each_group_that_was_looked_at(company: FakeWorker) -> None:
    check(company, STAFF, GONE)
    assert [told["group"] for told in company.audit.of("group.asked")] == [STAFF, GONE]


def test_every_group_is_a_question_and_too_many_at_once_are_none(tmp_path: Path) -> None:
    worker = few_questions(tmp_path, 3)
    assert worker.ask(CheckGroups(site="main", groups=(GONE,) * 4)).outcome is Outcome.LIMIT_REACHED
    assert check(worker, GONE, GONE, GONE) == (MISSING,) * 3
    assert worker.ask(CheckGroups(site="main", groups=(GONE,))).outcome is Outcome.LIMIT_REACHED
