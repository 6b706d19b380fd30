"""What the page says of a mail address that nothing can be sent to."""

import pytest

from portal.methods.email.forms import AddressForm
from portal.web.forms import INVISIBLE, NOT_AN_ADDRESS
from writeback.envelope.addresses import AddressFault


def form(address: str) -> AddressForm:
    return AddressForm({"source": "other", "address": address}, own_mail="a•••@corp.example")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("alice", AddressFault.SHAPE),
        ("Alice <alice@home.example>", AddressFault.SHAPE),
        ("a@home.example,b@home.example", AddressFault.SHAPE),
        ("jörg@home.example", AddressFault.LOCAL),
        ("alice@home", AddressFault.DOMAIN),
        ("a" * 65 + "@home.example", AddressFault.LENGTH),
        ("a" * 300 + "@home.example", AddressFault.LENGTH),
        ("a@" + "ü" * 63 + ".example", AddressFault.DOMAIN),
    ],
)
def test_each_fault_of_an_address_has_a_sentence_and_costs_nothing(typed: str, fault: AddressFault) -> None:
    refused = form(typed)
    assert refused.errors.get("address") == [NOT_AN_ADDRESS[fault]]
    assert refused["address"].value() == typed


def test_an_invisible_character_in_an_address_is_named() -> None:
    assert form("alice@ho\u200dme.example").errors.get("address") == [INVISIBLE]


@pytest.mark.parametrize(
    "typed", ["jane@straße.example", "jane@XN--STRAE-OQA.example.", " jane@home.example"]
)
def test_an_address_goes_to_the_worker_as_it_was_typed(typed: str) -> None:
    taken = form(typed)
    assert taken.is_valid(), taken.errors
    destination = taken.destination()
    assert destination is not None
    assert destination.reveal() == typed.strip()


@pytest.mark.parametrize(
    ("sent", "own_mail", "field"),
    [
        ({}, "a•••@corp.example", "source"),
        ({"address": " "}, "a•••@corp.example", "address"),
        ({"address": "alice"}, "a•••@corp.example", "address"),
        ({"source": "other"}, "a•••@corp.example", "address"),
        ({"source": "neither"}, "a•••@corp.example", "source"),
        ({}, "", "address"),
    ],
)
def test_a_missing_or_bad_address_is_told_once(sent: dict[str, str], own_mail: str, field: str) -> None:
    refused = AddressForm(sent, own_mail=own_mail)
    assert {name: len(told) for name, told in refused.errors.items()} == {field: 1}
