"""A typed name: what the form drops, and what it refuses with a sentence."""

import pytest
from django.core.exceptions import ValidationError

from portal.web.forms import AddressField, NameField


@pytest.mark.parametrize("typed", ["\u200balice\u2060", "\ufeffalice", " \u202aalice\u202c\u00a0", "alice\t"])
def test_blanks_and_invisible_characters_at_the_ends_are_dropped(typed: str) -> None:
    assert NameField().clean(typed) == "alice"


@pytest.mark.parametrize("typed", ["al\u200bice", "al\u202eice", "al\u00adice", "al\nice", "al\0ice"])
def test_invisible_characters_inside_a_name_are_named(typed: str) -> None:
    for field, text in ((NameField(), typed), (AddressField(), f"{typed}@club.example")):
        with pytest.raises(ValidationError) as raised:
            field.clean(text)
        assert raised.value.messages[0] == "There is an invisible character in it: type it by hand."


def test_a_broken_character_is_named_as_such() -> None:
    with pytest.raises(ValidationError) as raised:
        NameField().clean("al\ufffdice")
    assert raised.value.messages == ["A character of it didn't arrive whole. Type it by hand."]


@pytest.mark.parametrize("typed", ["", " ", "\u200b\ufeff"])
def test_a_name_without_visible_characters_is_empty(typed: str) -> None:
    with pytest.raises(ValidationError) as raised:
        NameField().clean(typed)
    assert raised.value.messages == ["Type your user name."]


@pytest.mark.parametrize(
    "typed", ["CORP\\alice", "CORP/alice", "Zo\u00eb@corp.example", "\uff41lice", "Ju\u0308rgen"]
)
def test_a_possible_name_goes_to_the_worker_as_typed(typed: str) -> None:
    assert NameField().clean(typed) == typed
