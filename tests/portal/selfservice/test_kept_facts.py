"""What is kept of an answer: facts, from which the page makes its sentences when it is shown."""

import json

import pytest

from portal.dispatch.outcomes import describe_broken_rules
from portal.selfservice.outcomes import facts_to_keep, refusals
from writeback.envelope.answers import Outcome, PolicyFacts, PolicyRefusal, Rule

POLICY = PolicyFacts(min_length=14, complexity=True, history=24, min_age=86400, names=("alice", "smith"))
REFUSED = Outcome.REFUSED_BY_POLICY


def refusal(*rules: Rule, length: int = 11, left: int = 4, changeable_at: int = 0) -> PolicyRefusal:
    return PolicyRefusal(rules=rules, policy=POLICY, length=length, left=left, changeable_at=changeable_at)


@pytest.mark.parametrize("rule", Rule)
def test_a_refusal_is_kept_as_facts_and_reads_the_same_afterwards(rule: Rule) -> None:
    told = refusal(rule, changeable_at=1_800_000_000 if rule is Rule.MIN_AGE else 0)
    kept = json.dumps(facts_to_keep(told))
    assert " " not in json.dumps(json.loads(kept), separators=(",", ":"))  # no sentence
    assert refusals(REFUSED, json.loads(kept)) == describe_broken_rules(told)


def test_neither_names_nor_lengths_are_kept_that_no_page_needs() -> None:
    kept = facts_to_keep(refusal(Rule.HISTORY_OR_FILTER))
    assert "length" not in kept
    assert "smith" not in str(kept)


def test_the_last_tries_are_reported_with_the_last_rule() -> None:
    kept = facts_to_keep(refusal(Rule.MIN_LENGTH, Rule.COMPLEXITY, left=1))
    first, last = refusals(REFUSED, kept)
    assert first == "Use at least 14 characters. This one has 11."
    assert last.endswith("You have 1 try left.")


def test_a_row_that_an_older_version_has_written_can_still_be_read() -> None:
    old = {"broken": ["Leave your own name out of your password."], "policy": {"min_length": 14}, "left": 3}
    assert refusals(REFUSED, old) == ["Leave your own name out of your password."]
