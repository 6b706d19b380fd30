"""What an authenticator app is told of the account: issuer and label, whatever they hold and however long."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pytest_django.fixtures import Settings

from portal.methods.totp import qr
from portal.methods.totp.forms import FirstCodeForm
from portal.methods.totp.page import METHOD
from portal.web.qr import picture
from tests.fakes.worker import FakeWorker
from tests.portal.walk import OLD, Browser, totp
from writeback.envelope.secret import Secret

SEED = Secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")


def told(address: str) -> tuple[str, str, str]:
    """Return issuer of the label, account and issuer of the query, read as apps do: decoded, then split."""
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    label = parts.path.removeprefix("/")
    assert "/" not in label
    issuer, colon, account = unquote(label).partition(":")
    assert colon
    assert ":" not in account
    return issuer, account, parse_qs(parts.query)["issuer"][0]


def test_a_qr_code_is_a_picture_without_script_style_or_the_seed_in_words() -> None:
    drawn = picture(qr.link(SEED, "alice@corp.example"))
    assert drawn.startswith("<svg")
    for part in ("style=", "<script", SEED.reveal(), "alice"):
        assert part not in drawn
    assert qr.groups(SEED)[0] == "JBSW"


@pytest.mark.parametrize(
    ("organisation", "issuer"),
    [
        ("", "Keyback"),
        ("Corp", "Corp"),
        ("Corp: passwords", "Corp passwords"),
        ("A/B & C? #1 +50%", "A/B & C? #1 +50%"),
        ("Universität Köln", "Universität Köln"),
        ("株式会社", "株式会社"),
        (":::", "Keyback"),
        ("C" * 33, "C" * 31 + "…"),
    ],
)
def test_the_issuer_is_one_part_of_the_label(settings: Settings, organisation: str, issuer: str) -> None:
    settings.KEYBACK_ORGANISATION = organisation
    assert told(qr.link(SEED, qr.label("alice@corp.example"))) == (issuer, "alice@corp.example", issuer)


@pytest.mark.parametrize(
    ("account", "shown"),
    [
        ("alice@corp.example", "alice@corp.example"),
        ("corp:alice", "corp alice"),
        ("a/b@corp.example", "a/b@corp.example"),
        ("jörg@straße.example", "jörg@straße.example"),
        ("jo\u0308rg@corp.example", "jörg@corp.example"),
        ("al\u200bice\u202e@corp.example", "alice@corp.example"),
        ("用户@例え.テスト", "用户@例え.テスト"),
        ("a" * 64, "a" * 64),
        ("a" * 65, "a" * 63 + "…"),
        ("a" * 1024 + "@corp.example", "a" * 63 + "…"),
        ("q" * 62 + "x\u0323\u0302" + "y" * 9, "q" * 62 + "…"),
    ],
)
def test_the_account_label_leaves_out_characters_that_break_apps(account: str, shown: str) -> None:
    assert qr.label(account) == shown
    assert told(qr.link(SEED, qr.label(account)))[1] == shown


def test_the_longest_label_fits_into_a_qr_code(settings: Settings) -> None:
    settings.KEYBACK_ORGANISATION = "\U00020000" * 500
    address = qr.link(SEED, qr.label("\U00020000" * 1000))
    assert len(address) < 2331
    assert picture(address).startswith("<svg")


@pytest.mark.parametrize("account", ["a" * 1024, "", "corp:alice"])
def test_other_form_fields_never_get_in_the_way_of_the_code(account: str) -> None:
    sent = {"factor": "0" * 32, "secret": SEED.reveal(), "account": account, "code": "123456"}
    form = FirstCodeForm(sent, method=METHOD)
    assert form.is_valid(), form.errors
    assert form.read_account() == qr.label(account)


@pytest.mark.parametrize("length", [256, 257, 1024])
def test_an_account_with_a_long_upn_confirms_its_app(
    worker: FakeWorker, browser: Browser, length: int
) -> None:
    suffix = "@corp.example"
    worker.corp.add("bob", OLD, upn="b" * (length - len(suffix)) + suffix, mail="")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    browser.post("/register/add/totp/")
    fields = {name: browser.hidden(name) for name in ("factor", "secret", "account")}
    browser.post("/register/add/totp/confirm/", fields | {"code": totp(fields["secret"], worker)})
    assert browser.url == "/register/", browser.text
    assert "Your authenticator app is set up." in browser.text
