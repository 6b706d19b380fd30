"""A typed name: what the form drops, and what it refuses with a sentence."""

import pytest
from django.core.exceptions import ValidationError

from portal.web.forms import NameField


@pytest.mark.parametrize("typed", ["\u200balice\u2060", "\ufeffalice", " \u202aalice\u202c\u00a0", "alice\t"])
def test_blanks_and_invisible_characters_at_the_ends_are_dropped(typed: str) -> None:
    assert NameField().clean(typed) == "alice"


@pytest.mark.parametrize("typed", ["al\u200bice", "al\u202eice", "al\u00adice", "al\nice", "al\ufffdice"])
def test_inside_they_get_the_sentence_that_control_characters_get(typed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        NameField().clean(typed)
    assert raised.value.messages == ["A user name has no such characters."]


@pytest.mark.parametrize("typed", ["", " ", "\u200b\ufeff"])
def test_a_name_of_nothing_visible_is_none(typed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        NameField().clean(typed)
    assert raised.value.messages == ["Type your user name."]


@pytest.mark.parametrize(
    "typed", ["CORP\\alice", "CORP/alice", "Zo\u00eb@corp.example", "\uff41lice", "Ju\u0308rgen"]
)
def test_what_may_be_a_name_goes_to_the_worker_as_it_was_typed(typed: str) -> None:
    assert NameField().clean(typed) == typed
