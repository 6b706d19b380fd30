"""Every outcome has its sentence, and every rule its number."""

import pytest

from portal.web.outcomes import SENTENCES, broken_rules, rules, sentence, waiting
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
    assert broken_rules(PolicyRefusal(rules=(rule,), policy=POLICY, length=11, wait=7200))[0].endswith(".")


def test_a_short_password_is_told_both_numbers() -> None:
    refusal = PolicyRefusal(rules=(Rule.MIN_LENGTH,), policy=POLICY, length=11)
    assert broken_rules(refusal) == ["Use at least 14 characters. This one has 11."]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "Wait 1 second."), (45, "Wait 45 seconds."), (600, "Wait 10 minutes."), (90000, "Wait 25 hours.")],
)
def test_waits_are_told_in_units_that_people_use(seconds: int, said: str) -> None:
    assert waiting(seconds) == said
    assert sentence(Answer(outcome=Outcome.TOO_SOON, facts=Wait(seconds=seconds))).endswith(said)


def test_rules_say_who_judges_them() -> None:
    assert [(rule["key"], rule["number"], rule["judge"]) for rule in rules(POLICY)] == [
        ("min-length", 14, "page"),
        ("complexity", 3, "page"),
        ("name-in-password", 0, "page"),
        ("history-or-filter", 5, "directory"),
    ]
    assert rules(PolicyFacts(min_length=0, complexity=False, history=0, min_age=0)) == []
