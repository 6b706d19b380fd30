"""Every outcome has its sentence, and every rule its number."""

import re
from dataclasses import replace

import pytest

from portal.dispatch.outcomes import AGAIN, SENTENCES, describe_broken_rules, rules, sentence
from portal.web.waits import say_wait
from writeback.envelope.answers import Answer, Outcome, PolicyFacts, PolicyRefusal, Rule, Wait

POLICY = PolicyFacts(min_length=14, complexity=True, history=5, min_age=86400)


def test_every_outcome_has_one_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(Outcome)
    assert len({str(said) for said in SENTENCES.values()}) == len(Outcome)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_sentences_are_plain(outcome: Outcome) -> None:
    said = str(SENTENCES[outcome])
    assert said.endswith(".")
    assert not {"invalid", "error", "please"} & set(said.lower().replace(",", " ").split())


@pytest.mark.parametrize("rule", list(Rule))
def test_every_rule_has_a_sentence(rule: Rule) -> None:
    refusal = PolicyRefusal(rules=(rule,), policy=POLICY, length=11, changeable_at=1_800_000_000)
    assert describe_broken_rules(refusal)[0].endswith(".")


def test_a_short_password_is_refused_with_both_numbers() -> None:
    refusal = PolicyRefusal(rules=(Rule.MIN_LENGTH,), policy=POLICY, length=11)
    assert describe_broken_rules(refusal) == ["Use at least 14 characters. This one has 11."]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "Wait 1 second."), (45, "Wait 45 seconds."), (600, "Wait 10 minutes."), (90000, "Wait 25 hours.")],
)
def test_waits_are_reported_in_units_that_people_use(seconds: int, said: str) -> None:
    assert say_wait(seconds) == said
    assert sentence(Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=seconds))).endswith(said)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (1_800_000_000, "08:00 on 15 January (UTC)."),
        (1_800_000_001, "08:01 on 15 January (UTC)."),
        (1_800_057_540, "23:59 on 15 January (UTC)."),
    ],
)
def test_a_too_young_password_says_from_when_there_can_be_another(at: int, said: str) -> None:
    refusal = PolicyRefusal(rules=(Rule.MIN_AGE,), policy=POLICY, length=0, changeable_at=at)
    assert describe_broken_rules(refusal)[0].endswith(f"You can set another one from {said}")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (86400, "at least 1 day old"),
        (3 * 86400, "at least 3 days old"),
        (3600, "at least 1 hour old"),
        (60, "at least 1 hour old"),
        (90000, "at least 2 days old"),
    ],
)
def test_the_minimum_age_is_among_the_rules(seconds: int, said: str) -> None:
    policy = PolicyFacts(min_length=0, complexity=False, history=0, min_age=seconds)
    assert [rule["text"] for rule in rules(policy)] == [f"Your last one is {said}"]


def test_the_lockout_window_is_shown_only_if_it_is_known() -> None:
    said = str(SENTENCES[Outcome.WRONG_PASSWORD])
    assert sentence(Answer(outcome=Outcome.WRONG_PASSWORD)) == said
    answer = Answer(outcome=Outcome.WRONG_PASSWORD, facts=Wait(seconds=900))
    assert sentence(answer) == (
        f"{said} If you are sure they are right, wait 15 minutes or call the helpdesk."
    )


def test_rules_say_who_judges_them() -> None:
    assert [(rule["key"], rule["number"], rule["judge"]) for rule in rules(POLICY)] == [
        ("min-length", 14, "page"),
        ("complexity", 3, "page"),
        ("name-in-password", 0, "directory"),
        ("min-age", 86400, "directory"),
        ("history-or-filter", 5, "directory"),
    ]
    assert ("name-in-password", "page") in [
        (rule["key"], rule["judge"]) for rule in rules(replace(POLICY, names=("ada",)))
    ]
    assert rules(PolicyFacts(min_length=0, complexity=False, history=0, min_age=0)) == []


@pytest.mark.parametrize("wait", [1, 89, 3600, 90_000])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_try_again_never_stands_beside_a_wait(outcome: Outcome, wait: int) -> None:
    said = sentence(Answer(outcome=outcome, facts=Wait(seconds=wait)))
    assert say_wait(wait).strip("W.") in said
    assert not re.search("try .*again|later", said, re.IGNORECASE)


def test_a_sentence_without_a_wait_still_says_what_to_do() -> None:
    for outcome, what in AGAIN.items():
        assert sentence(Answer(outcome=outcome)) == f"{SENTENCES[outcome]} {what}"
        assert sentence(Answer(outcome=outcome, facts=Wait(seconds=0))).endswith(str(what))
