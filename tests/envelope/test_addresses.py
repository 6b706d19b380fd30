"""Mail addresses: IDNA 2008, what a local part may be, and how long each may be."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeback.envelope.addresses import (
    AddressFault,
    UnusableAddress,
    ascii_domain,
    check_address,
    read_address,
    readable_domain,
)

STRASSE = "xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("Alice@Home.Example", "Alice@home.example"),
        (" a.b+c@home.example ", "a.b+c@home.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        # The four that IDNA 2003 maps away (RFC 5895, UTS 46 section 7): ß, ς, ZWJ and ZWNJ.
        ("a@straße.example", f"a@{STRASSE}"),
        ("a@STRAßE.example", f"a@{STRASSE}"),
        ("a@STRA\u1e9eE.example", f"a@{STRASSE}"),
        ("a@βόλος.example", "a@xn--nxasmm1c.example"),
        ("a@βόλοσ.example", "a@xn--nxasmq6b.example"),
        ("a@क्\u200dष.example", "a@xn--11b2ezcw70k.example"),
        ("a@क्\u200cष.example", "a@xn--11b2ezcs70k.example"),
        # One domain in other spellings.
        (f"a@{STRASSE}", f"a@{STRASSE}"),
        (f"a@{STRASSE.upper()}", f"a@{STRASSE}"),
        ("a@straße.example.", f"a@{STRASSE}"),
        ("a@straße。example", f"a@{STRASSE}"),
        ("a@bu\u0308cher.example", "a@xn--bcher-kva.example"),
        ("a@home.example.", "a@home.example"),
        # DNS has such names although IDNA keeps the place for prefixes of its own.
        ("a@r3---sn.example", "a@r3---sn.example"),
    ],
)
def test_each_address_has_one_normal_form(typed: str, sent_to: str) -> None:
    assert check_address(typed) == sent_to


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", AddressFault.SHAPE),
        ("alice", AddressFault.SHAPE),
        ("@home.example", AddressFault.SHAPE),
        ("Alice <alice@home.example>", AddressFault.SHAPE),
        ("a@home.example, b@home.example", AddressFault.SHAPE),
        ("a@home.example;b@home.example", AddressFault.SHAPE),
        ("a@home.example\nBcc: b@home.example", AddressFault.SHAPE),
        ("a b@home.example", AddressFault.SHAPE),
        ('"a b"@home.example', AddressFault.SHAPE),
        ("a.@home.example", AddressFault.SHAPE),
        (".a@home.example", AddressFault.SHAPE),
        ("a\u200db@home.example", AddressFault.SHAPE),
        ("jörg@home.example", AddressFault.LOCAL),
        ("иван.петров@home.example", AddressFault.LOCAL),
        ("a\u0131@home.example", AddressFault.LOCAL),
        ("alice@", AddressFault.DOMAIN),
        ("alice@home", AddressFault.DOMAIN),
        ("a@[127.0.0.1]", AddressFault.DOMAIN),
        ("a@-home.example", AddressFault.DOMAIN),
        ("a@home..example", AddressFault.DOMAIN),
        ("a@home.example..", AddressFault.DOMAIN),
        ("a@home.example\0", AddressFault.DOMAIN),
        ("a@under_score.example", AddressFault.DOMAIN),
        ("a@💩.example", AddressFault.DOMAIN),
        ("a@xn--ls8h.example", AddressFault.DOMAIN),
        ("a@xn--.example", AddressFault.DOMAIN),
        ("a@xn--a\u200d.example", AddressFault.DOMAIN),
        ("a@ab\u200dc.example", AddressFault.DOMAIN),
        ("a@ab\u200cc.example", AddressFault.DOMAIN),
        ("a@\u0301a.example", AddressFault.DOMAIN),
        ("a@א1a.example", AddressFault.DOMAIN),
        ("a@\ud800.example", AddressFault.DOMAIN),
    ],
)
def test_an_unusable_address_names_its_fault(typed: str, fault: AddressFault) -> None:
    with pytest.raises(UnusableAddress) as refused:
        check_address(typed)
    assert refused.value.fault is fault
    assert read_address(typed) is None


def domain_of_length(octets: int) -> str:
    """Return a domain of so many octets, in labels of at most 63."""
    labels = "x" * octets
    return ".".join(labels[at : at + 63] for at in range(0, octets, 64))[:octets]


@pytest.mark.parametrize(
    ("typed", "is_short_enough"),
    [
        ("a" * 64 + "@home.example", True),
        ("a" * 65 + "@home.example", False),
        ("a@" + "b" * 63 + ".example", True),
        ("a@" + "b" * 64 + ".example", False),
        ("a@" + "ü" * 56 + ".example", True),
        ("a@" + "ü" * 63 + ".example", False),
        ("a@" + domain_of_length(252), True),
        ("a@" + domain_of_length(252) + ".", True),
        ("a@" + domain_of_length(253), False),
        ("a@" + domain_of_length(254), False),
    ],
)
def test_length_limits_apply_to_the_form_that_is_sent(typed: str, is_short_enough: bool) -> None:
    assert (read_address(typed) is not None) is is_short_enough


def test_a_domain_has_253_octets_at_most() -> None:
    assert len(ascii_domain(domain_of_length(253))) == 253
    with pytest.raises(UnusableAddress, match="too-long"):
        ascii_domain(domain_of_length(255))


@given(st.text(max_size=80))
def test_a_normalized_address_is_read_as_itself(typed: str) -> None:
    once = read_address(typed)
    assert once is None or (once.isascii() and read_address(once) == once)


@given(st.text(st.characters(categories=["Ll", "Lo", "Mn", "Nd"]), min_size=1, max_size=20))
def test_a_domain_goes_into_a_mail_as_it_was_read(label: str) -> None:
    address = read_address(f"a@{label}.example")
    mail = EmailMessage(policy=SMTP)
    mail["To"] = address or "a@home.example"
    assert (address or "a@home.example").encode() in mail.as_bytes()


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("home.example", "home.example"),
        (STRASSE, "straße.example"),
        ("xn--nxasmm1c.example", "βόλος.example"),
        ("xn--a.example", "xn--a.example"),
        ("xn--ls8h.example", "xn--ls8h.example"),
    ],
)
def test_a_domain_is_shown_as_people_know_it(domain: str, shown: str) -> None:
    assert readable_domain(domain) == shown
