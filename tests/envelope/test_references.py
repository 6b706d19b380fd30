"""A reference is found however it was noted down."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeback.envelope.jobs import reference_of
from writeback.envelope.references import references_like

LOOKS = {"O": "O0o", "B": "B8b", "I": "IiLl1", "L": "LlIi1"}


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-2XHD",
        "k7qm2xhd",
        " K7QM 2XHD ",
        "K7QM\N{EN DASH}2XHD",
        "K7QM\N{NO-BREAK SPACE}2XHD",
        "k-7-q-m-2xhd",
    ],
)
def test_case_blanks_and_dashes_do_not_matter(typed: str) -> None:
    assert references_like(typed) == ("K7QM-2XHD",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("0BCD-EFGH", "OBCD-EFGH"), ("A8CD-EFGH", "ABCD-EFGH"), ("abcd-efg0", "ABCD-EFGO")],
)
def test_a_digit_that_no_reference_has_is_the_letter_that_looks_like_it(typed: str, meant: str) -> None:
    assert references_like(typed) == (meant,)


@pytest.mark.parametrize("typed", ["ABC1-EFGH", "abci-efgh", "ABCL-EFGH"])
def test_one_and_i_and_l_are_alike(typed: str) -> None:
    assert set(references_like(typed)) == {"ABCI-EFGH", "ABCL-EFGH"}


def test_the_typed_text_comes_first_if_it_is_a_reference() -> None:
    assert references_like("LLII-ILIL")[0] == "LLII-ILIL"
    assert len(references_like("11111111")) == 256


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFG", "ABCD-EFGHJ", "ABC9-EFGH", "ABCÄ-EFGH", "ß" * 4, "%" * 8]
)
def test_a_text_that_cannot_be_a_reference_means_none(typed: str) -> None:
    assert references_like(typed) == ()


@given(st.binary(min_size=16, max_size=16), st.randoms())
def test_every_reference_is_found_by_any_of_its_looks(identifier: bytes, random: Random) -> None:
    reference = reference_of(identifier)
    noted = "".join(random.choice(LOOKS.get(letter, letter)) for letter in reference)
    assert reference in references_like(noted)
