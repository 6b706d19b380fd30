"""A typed name in its one canonical form: what it is looked up by, and what it is counted by."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeback.envelope.names import Name, canonical, has_forbidden_characters, trim

DOMAINS = ("corp.example",)
LETTERS = st.text(
    alphabet="abcdefghijklmnopqrstuvwxyz0123456789\u00e4\u00e9\u0142\u00f8\u0436", min_size=1, max_size=12
)


def of(typed: str) -> Name:
    return canonical(typed, domains=DOMAINS, short_name="ACME")


def wide(text: str) -> str:
    """Return a text with its ASCII characters in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def wide_to_ascii(text: str) -> str:
    """Return a text with its characters of full width as ASCII ones."""
    return unicodedata.normalize("NFKC", text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": "{}".format,
    "capitals": str.upper,
    "NFD": lambda name: unicodedata.normalize("NFD", name),
    "full width": wide,
    "blanks": " {}\t\u00a0".format,
    "invisible ends": "\u200b\u202a{}\u2060\ufeff".format,
    "a dot at the end": "{}.".format,
    "DOMAIN\\": "ACME\\{}".format,
    "domain/": "acme/{}".format,
    "DNS name\\": "Corp.Example\\{}".format,
    "full width domain": lambda name: wide(f"acme\\{name}"),
    "implicit UPN": "{}@corp.example".format,
    "UPN with a dot": "{}@CORP.example.".format,
    "short UPN": "{}@acme".format,
}


@given(LETTERS)
@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_all_spellings_of_a_name_are_one(spelling: str, name: str) -> None:
    typed = SPELLINGS[spelling](name)
    assert of(typed).key == of(name).key
    assert {one.casefold() for one in of(name).accounts} <= {one.casefold() for one in of(typed).accounts}


@given(LETTERS)
@pytest.mark.parametrize("spelling", list(SPELLINGS))
def test_only_a_name_with_a_domain_of_the_directory_is_qualified(spelling: str, name: str) -> None:
    typed = SPELLINGS[spelling](name)
    assert of(typed).is_qualified == any(sign in wide_to_ascii(typed) for sign in "\\/@")


@given(LETTERS)
@pytest.mark.parametrize("typed", ["evil\\{}", "evil/{}", "{}@evil.example", "{}@corp.example@evil.example"])
def test_a_name_under_a_foreign_domain_is_another_name(typed: str, name: str) -> None:
    assert of(typed.format(name)).key != of(name).key
    assert of(typed.format(name)).accounts == ()
    assert not of(typed.format(name)).is_qualified


@pytest.mark.parametrize(
    "typed",
    ["bob@STRAßE.example", "bob@xn--strae-oqa.example", "bob@XN--STRAE-OQA.Example.", "bob@straße.example."],
)
def test_both_forms_of_an_international_domain_are_one_domain(typed: str) -> None:
    name = of(typed)
    assert name.key == of("bob@straße.example").key == "bob@xn--strae-oqa.example"
    assert {"bob@xn--strae-oqa.example", "bob@straße.example"} <= set(name.addresses)


def test_a_domain_that_only_looks_the_same_is_another_one() -> None:
    assert of("bob@strasse.example").key != of("bob@straße.example").key
    assert "bob@strasse.example" not in of("bob@straße.example").addresses
    own = canonical("bob@straße.example", domains=("strasse.example",))
    assert (own.accounts, own.key) == ((), "bob@xn--strae-oqa.example")
    assert canonical("bob@xn--strae-oqa.example", domains=("straße.example",)).accounts == ("bob",)


@given(LETTERS)
def test_a_trailing_dot_of_a_foreign_domain_makes_no_other_name(name: str) -> None:
    assert of(f"{name}@mail.example.") == of(f"{name}@mail.example")


def test_slash_and_backslash_before_a_name_are_the_same_and_in_an_address_a_slash_stays() -> None:
    assert of("evil/bob") == of("evil\\bob")
    assert of("a/b@mail.example").addresses == ("a/b@mail.example",)


def test_only_the_netbios_name_counts_as_the_short_domain_name() -> None:
    assert of("CORP\\zed").key != of("zed").key == of("ACME\\zed").key
    assert canonical("\\zed", domains=DOMAINS).key != "zed"


@given(st.text(max_size=400))
def test_any_text_has_a_key_that_can_be_stored(typed: str) -> None:
    name = of(typed)
    assert len(name.key) <= 256
    assert name.key.encode().decode() == name.key
    assert not any(has_forbidden_characters(one) for one in (*name.accounts, *name.addresses))


@pytest.mark.parametrize(
    "typed", ["a\u200bb", "a\u202eb", "a\0b", "a\nb", "a\ud800", "a\ufffdb", "so\u00adft"]
)
def test_characters_that_no_name_can_hold_are_found(typed: str) -> None:
    assert has_forbidden_characters(trim(typed))
    assert of(typed).accounts == ()


def test_blanks_and_invisible_characters_at_the_ends_are_dropped() -> None:
    assert trim("\u200e\u200b bob\u00a0\ufeff\u2066") == "bob"
    assert trim("\u200b \ufeff") == trim("") == ""
    assert not has_forbidden_characters("Zo\u00eb O'Neil-\u0141")
