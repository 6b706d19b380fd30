"""Which rules a new password breaks, and in what order they are told."""

import pytest

from tests.writeback.directory.conftest import an_account
from writeback.envelope.answers import PolicyFacts, PolicyRefusal, Rule
from writeback.envelope.passwords import name_parts
from writeback.envelope.secret import Secret
from writeback.passwords import HELD_HERE, PIPELINE, Candidate, broken_rules, explain, may_break
from writeback.passwords.rules import count_kinds
from writeback.ports.filetime import filetime

NOW = 1_800_000_000.0


def refused(
    password: str,
    *,
    pwd_last_set: int = 1,
    complexity: bool = True,
    min_age: int = 0,
    names: tuple[str, ...] = ("bob", "baker"),
) -> PolicyRefusal:
    policy = PolicyFacts(min_length=8, complexity=complexity, history=5, min_age=min_age, names=names)
    return explain(Candidate(new=Secret(password), policy=policy, pwd_last_set=pwd_last_set, now=NOW))


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Ab1", (Rule.MIN_LENGTH,)),
        ("abc", (Rule.MIN_LENGTH, Rule.COMPLEXITY)),
        ("abcdefghij", (Rule.COMPLEXITY,)),
        ("My-BOB-2024", (Rule.NAME_IN_PASSWORD,)),
        ("bakerbaker", (Rule.COMPLEXITY, Rule.NAME_IN_PASSWORD)),
        ("Granite-window-1", (Rule.HISTORY_OR_FILTER,)),
        ("😀Aa1😀", (Rule.MIN_LENGTH,)),
    ],
)
def test_each_broken_rule_is_named(password: str, rules: tuple[Rule, ...]) -> None:
    assert refused(password).rules == rules


def test_the_length_is_counted_as_ad_counts() -> None:
    assert refused("😀Aa1😀").length == 7
    assert refused("\ud800").length == 1


def test_without_complexity_only_length_and_age_can_be_named() -> None:
    assert refused("aaaaaaaa", complexity=False, names=()).rules == (Rule.HISTORY_OR_FILTER,)


def test_the_minimum_age_is_named_with_the_time_from_which_it_has_passed() -> None:
    told = refused("Granite-window-1", pwd_last_set=filetime(NOW - 100), min_age=86_400)
    assert (told.rules, told.changeable_at) == ((Rule.MIN_AGE,), NOW + 86_300)


@pytest.mark.parametrize("pwd_last_set", [0, filetime(NOW - 86_401)])
def test_the_minimum_age_is_no_matter_once_it_has_passed_or_a_change_is_due(pwd_last_set: int) -> None:
    told = refused("Granite-window-1", pwd_last_set=pwd_last_set, min_age=86_400)
    assert (told.rules, told.changeable_at) == ((Rule.HISTORY_OR_FILTER,), 0)


@pytest.mark.parametrize(
    ("password", "kinds"),
    [
        ("abc", 1),
        ("aB", 2),
        ("aB1", 3),
        ("aB1-", 4),
        ("aB1-ж", 4),
        ("aB1-字", 5),
        ("😀€", 0),
        ("  ", 0),
        ("éÉ", 2),
    ],
)
def test_characters_are_counted_by_kind(password: str, kinds: int) -> None:
    assert count_kinds(password) == kinds


def test_names_are_taken_apart_as_ad_does() -> None:
    assert name_parts("bb", "Ann-Marie O'Neil_de.la,Cruz #Tab\tEnd") == (
        "ann",
        "marie",
        "o'neil",
        "cruz",
        "tab",
        "end",
    )
    assert name_parts("BBaker", "BBaker") == ("bbaker",)


def test_every_rule_but_those_that_only_ad_can_judge_is_in_the_pipeline() -> None:
    assert set(Rule) - set(PIPELINE) == {Rule.HISTORY_OR_FILTER}
    assert set(PIPELINE) > HELD_HERE


def test_only_the_rules_that_are_asked_for_are_looked_at() -> None:
    policy = PolicyFacts(min_length=8, complexity=True, history=0, min_age=0, names=("bob",))
    candidate = Candidate(new=Secret("bob"), policy=policy)
    assert broken_rules(candidate) == (Rule.MIN_LENGTH, Rule.COMPLEXITY, Rule.NAME_IN_PASSWORD)
    assert broken_rules(candidate, among=HELD_HERE) == (Rule.NAME_IN_PASSWORD,)


@pytest.mark.parametrize(("password", "may"), [("My-ALICE-1", True), ("xArcherx", True), ("short", False)])
def test_what_may_be_refused_unsent_is_known_without_the_policy(password: str, *, may: bool) -> None:
    assert may_break(an_account(), Secret(password)) is may
