"""Local admins: how they are made, sign in and are recorded."""

import getpass
import io
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp

from portal.audit.flows import pseudonym
from portal.audit.models import Event
from portal.audit.rules import Fact
from portal.people.models import Account
from portal.staff.flows import REFUSALS_RECORDED, create_admin, record_refused_sign_in
from portal.staff.models import AdminDevice
from portal.staff.site import CHECKS
from tests.fakes.terminal import Terminal

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "A-long-pass-phrase-77"
FORM = "application/x-www-form-urlencoded"


def _token(device: AdminDevice) -> str:
    return f"{totp(device.bin_key):06}"


def told(event: str) -> list[dict[str, Fact]]:
    return [found.facts for found in Event.objects.filter(event=event)]


def test_a_local_admin_signs_in_without_any_worker() -> None:
    device = create_admin(username="erin", password=PASSWORD)
    client = Client()
    fields = f"username=erin&password={PASSWORD}&otp_token={_token(device)}"
    assert client.post("/admin/login/", fields, content_type=FORM).status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("token", ["", "000000", "abc"])
def test_the_password_alone_does_not_open_the_admin(token: str) -> None:
    create_admin(username="erin", password=PASSWORD)
    client = Client(raise_request_exception=False)
    fields = f"username=erin&password={PASSWORD}&otp_token={token}"
    assert client.post("/admin/login/", fields, content_type=FORM).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_an_admin_signs_in_again_after_eight_hours() -> None:
    device = create_admin(username="erin", password=PASSWORD)
    client = Client()
    fields = f"username=erin&password={PASSWORD}&otp_token={_token(device)}"
    client.post("/admin/login/", fields, content_type=FORM)
    session = client.session
    session["admin_since"] -= 8 * 3600
    session.save()
    assert client.get("/admin/").status_code == 302


def test_signing_in_to_and_out_of_the_admin_is_recorded() -> None:
    device = create_admin(username="erin", password=PASSWORD)
    client = Client(REMOTE_ADDR="192.0.2.9")
    fields = f"username=erin&password={PASSWORD}&otp_token={_token(device)}"
    client.post("/admin/login/", fields, content_type=FORM)
    client.post("/admin/logout/")
    client.post("/admin/logout/")
    said = {"account": "erin", "network": "192.0.2.9"}
    assert told("admin.signed-in") == [said]
    assert told("admin.signed-out") == [said]


def test_a_right_admin_password_with_a_wrong_code_is_recorded() -> None:
    create_admin(username="erin", password=PASSWORD)
    fields = {"username": "erin", "password": PASSWORD, "otp_token": "000000"}
    Client(REMOTE_ADDR="192.0.2.9").post("/admin/login/", fields)
    assert told("admin.code-refused") == [{"account": "erin", "network": "192.0.2.9"}]
    assert told("admin.refused") == told("admin.signed-in") == []


@pytest.mark.parametrize(("name", "password"), [("erin", "wrong"), ("A-password-77", "x")])
def test_a_refused_sign_in_to_the_admin_is_recorded_without_what_was_typed(name: str, password: str) -> None:
    create_admin(username="erin", password=PASSWORD)
    fields = {"username": name, "password": password, "otp_token": "000000"}
    Client(REMOTE_ADDR="2001:db8::7").post("/admin/login/", fields)
    assert told("admin.refused") == [{"name": pseudonym(name), "network": "2001:db8::/64"}]


def test_a_flood_of_refused_sign_ins_does_not_fill_the_audit() -> None:
    for number in range(REFUSALS_RECORDED.limit + 5):
        record_refused_sign_in(None, {"username": f"name{number}"})
    assert len(told("admin.refused")) == REFUSALS_RECORDED.limit


def test_guessing_an_admins_password_is_slowed_down() -> None:
    client = Client(REMOTE_ADDR="192.0.2.9")
    fields = "username=erin&password=wrong&otp_token=000000"
    statuses = [client.post("/admin/login/", fields, content_type=FORM).status_code for _ in range(11)]
    assert statuses[-1] == 429


def test_two_passwords_are_checked_at_once_and_others_are_told_to_come_back() -> None:
    client = Client(raise_request_exception=False)
    fields = f"username=erin&password={PASSWORD}&otp_token=000000"
    with CHECKS, CHECKS:
        answer = client.post("/admin/login/", fields, content_type=FORM)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert client.post("/admin/login/", fields, content_type=FORM).status_code == 200


def test_the_command_makes_an_admin_and_shows_the_seed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "seed").write_text("ab" * 20)
    files = {"password_file": tmp_path / "password", "seed_file": tmp_path / "seed"}
    call_command("create_admin", "erin", **files)
    assert "otpauth://totp/" in capsys.readouterr().out
    assert AdminDevice.objects.get().bin_key == b"\xab" * 20
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_admin", "erin", **files)


@pytest.mark.parametrize("stdin", [None, io.StringIO(PASSWORD), Terminal("")], ids=["closed", "pipe", "end"])
def test_without_a_terminal_create_admin_needs_a_password_file(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(getpass, "getpass", input)  # which would open /dev/tty
    with pytest.raises(CommandError, match=r"nothing was changed.*--password-file") as caught:
        call_command("create_admin", "erin")
    assert caught.value.returncode == 2
    assert Account.objects.count() == 0


def test_a_weak_password_makes_no_admin(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("short")
    with pytest.raises(CommandError, match="15"):
        call_command("create_admin", "erin", password_file=tmp_path / "password")
    assert Account.objects.count() == 0


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "\\evil", "javascript:alert(1)"]
)
def test_signing_in_never_redirects_to_another_site(target: str) -> None:
    device = create_admin(username="erin", password=PASSWORD)
    fields = {"username": "erin", "password": PASSWORD, "otp_token": _token(device), "next": target}
    response = Client().post("/admin/login/", fields)
    assert response["Location"] in {"/admin/", "%5Cevil"}
