"""Mail over a real relay: what gets through, what is tried again, and what never is."""

import datetime as dt
import ssl
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.fakes.relay import Relay
from writeback.config import MailConfig
from writeback.couriers.mail import MailCourier
from writeback.envelope.secret import Secret
from writeback.ports import CourierAway, CourierRefused, Message

MESSAGE = Message(to="alice@example.com", subject="Ihr Code", body="Grüße\n1234 5678\n", kind="code-reset")


def config(port: int, security: str = "none") -> MailConfig:
    sender = "Keyback <keyback@corp.example>"
    return MailConfig(host="127.0.0.1", port=port, security=security, sender=sender, timeout=2)


_MADE: list[MailCourier] = []


def courier(settings: MailConfig) -> MailCourier:
    _MADE.append(MailCourier(settings))
    return _MADE[-1]


@pytest.fixture(autouse=True)
def hang_up() -> Iterator[None]:
    yield
    while _MADE:
        _MADE.pop().rest()


@pytest.fixture
def relay() -> Iterator[Relay]:
    with Relay() as relay:
        yield relay


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key, in one file."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + made.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_message_arrives_with_the_headers_that_keep_machines_from_answering(relay: Relay) -> None:
    courier(config(relay.port)).send(MESSAGE)

    (mail,) = relay.mails
    assert mail["To"] == "alice@example.com"
    assert mail["From"] == "Keyback <keyback@corp.example>"
    assert mail["Subject"] == "Ihr Code"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@corp.example>")
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content().splitlines() == ["Grüße", "1234 5678"]


@pytest.mark.parametrize(
    "to",
    [
        "alice@example.com\r\nBcc: eve@evil.example",
        "alice@example.com\nBcc: eve@evil.example",
        "alice@example.com, eve@evil.example",
        "alice@example.com;eve@evil.example",
        "Alice <alice@example.com>",
        "alice@example.com>",
        "alice @example.com",
        '"a"@example.com',
        "alice(x)@example.com",
        "alice@[127.0.0.1]",
        "alice@exa..mple.com",
        "alice@@example.com",
        "alice@example.com\x00",
        "alice\u2028@example.com",
        "alice",
        "@example.com",
        "",
        "a" * 300 + "@example.com",
    ],
)
def test_anything_but_one_address_is_refused_before_connecting(to: str) -> None:
    post = courier(config(1))

    with pytest.raises(CourierRefused):
        post.send(replace(MESSAGE, to=to))


def test_a_subject_can_not_add_a_header() -> None:
    with pytest.raises(CourierRefused):
        courier(config(1)).compose(replace(MESSAGE, subject="Code\r\nBcc: eve@evil.example"))


@pytest.mark.parametrize(
    ("domain", "in_dns"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("straße.example.", "xn--strae-oqa.example"),
        ("XN--STRAE-OQA.example", "xn--strae-oqa.example"),
    ],
)
def test_a_domain_of_another_script_is_written_as_dns_knows_it(
    relay: Relay, domain: str, in_dns: str
) -> None:
    courier(config(relay.port)).send(replace(MESSAGE, to=f"alice@{domain}"))

    assert relay.mails[0]["To"] == f"alice@{in_dns}"


@pytest.mark.parametrize("answer", ["550 no such mailbox", "553 not here"])
def test_a_recipient_that_does_not_exist_is_refused_for_good(relay: Relay, answer: str) -> None:
    relay.answer = answer

    with pytest.raises(CourierRefused, match=answer[:3]):
        courier(config(relay.port)).send(MESSAGE)


@pytest.mark.parametrize("answer", ["450 try later", "421 closing", "452 full"])
def test_a_temporarily_refused_recipient_is_tried_again(relay: Relay, answer: str) -> None:
    relay.answer = answer

    with pytest.raises(CourierAway):
        courier(config(relay.port)).send(MESSAGE)


@pytest.mark.parametrize(
    ("verdict", "error"), [("554 looks like spam", CourierRefused), ("451 grey", CourierAway)]
)
def test_a_refused_message_is_classified_like_a_refused_recipient(
    relay: Relay, verdict: str, error: type[Exception]
) -> None:
    relay.verdict = verdict

    with pytest.raises(error):
        courier(config(relay.port)).send(MESSAGE)


def test_no_text_of_the_relay_comes_out_since_it_may_hold_the_address(relay: Relay) -> None:
    relay.answer = "550 alice@example.com does not exist"

    with pytest.raises(CourierRefused) as caught:
        courier(config(relay.port)).send(MESSAGE)
    assert "alice" not in str(caught.value)


def test_a_relay_that_is_gone_is_away() -> None:
    post = courier(config(1))

    assert not post.is_up()
    with pytest.raises(CourierAway, match="refused"):
        post.send(MESSAGE)


def test_messages_that_come_together_go_over_one_connection_until_it_rests(relay: Relay) -> None:
    post = courier(config(relay.port))
    for _ in range(3):
        post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (3, 1)

    post.rest()
    post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (4, 2)


def test_a_relay_that_hung_up_meanwhile_is_dialled_anew(relay: Relay) -> None:
    post = courier(config(relay.port))
    post.send(MESSAGE)
    relay.hang_up()
    post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (2, 2)


def test_after_a_temporary_refusal_the_next_message_uses_a_new_connection(relay: Relay) -> None:
    post = courier(config(relay.port))
    relay.answer = "452 too many messages in this session"
    with pytest.raises(CourierAway):
        post.send(MESSAGE)
    relay.answer = "250 OK"
    post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (1, 2)


def test_a_relay_that_has_had_enough_of_a_connection_gets_the_message_over_another(relay: Relay) -> None:
    post = courier(config(relay.port))
    post.send(MESSAGE)
    relay.sender = "421 too many messages"
    post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (2, 2)

    relay.hang_up()
    relay.sender = "421 not now"
    with pytest.raises(CourierAway):
        post.send(MESSAGE)


def test_a_refused_message_leaves_a_connection_that_the_next_one_may_use(relay: Relay) -> None:
    post = courier(config(relay.port))
    relay.answer = "550 no such mailbox"
    with pytest.raises(CourierRefused):
        post.send(MESSAGE)
    relay.answer = "250 OK"
    post.send(MESSAGE)
    assert (len(relay.mails), relay.connections) == (1, 1)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_message_travels_under_tls(certificate: Path, server_tls: ssl.SSLContext, security: str) -> None:
    with Relay(**{security: server_tls}) as relay:
        post = courier(replace(config(relay.port, security), ca_file=certificate))
        post.send(MESSAGE)

        assert len(relay.mails) == 1
        assert post.is_up()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_relay_with_another_certificate_gets_nothing(server_tls: ssl.SSLContext, security: str) -> None:
    with Relay(**{security: server_tls}) as relay:
        post = courier(config(relay.port, security))

        with pytest.raises(CourierAway, match="certificate"):
            post.send(MESSAGE)
        assert relay.mails == []


def test_a_relay_that_no_longer_offers_tls_gets_nothing_and_the_message_is_kept(relay: Relay) -> None:
    with pytest.raises(CourierAway):
        courier(config(relay.port, "starttls")).send(MESSAGE)

    assert relay.mails == []


def test_the_relay_is_signed_in_to(certificate: Path, server_tls: ssl.SSLContext) -> None:
    with Relay(starttls=server_tls) as relay:
        courier(signed_in(relay, certificate, "hush")).send(MESSAGE)

        assert relay.signed_in == ["keyback"]
        assert len(relay.mails) == 1


def test_a_refused_sign_in_is_away_and_does_not_tell_the_password(
    certificate: Path, server_tls: ssl.SSLContext
) -> None:
    with Relay(starttls=server_tls) as relay:
        with pytest.raises(CourierAway) as caught:
            courier(signed_in(relay, certificate, "wrong-hush")).send(MESSAGE)

        assert "535" in str(caught.value)
        assert "hush" not in str(caught.value)
        assert relay.mails == []


def signed_in(relay: Relay, certificate: Path, password: str) -> MailConfig:
    base = config(relay.port, "starttls")
    return replace(base, ca_file=certificate, username="keyback", password=Secret(password))
