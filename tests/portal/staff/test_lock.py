"""Who guesses at an admin's account locks out strangers, never its owner."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from portal.audit.flows import pseudonym
from portal.audit.models import Event
from portal.audit.rules import Fact
from portal.staff.flows import create_admin
from portal.staff.models import AdminDevice
from portal.staff.site import CHECKS, CHECKS_KNOWN
from portal.throttle.models import Lock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "A-long-pass-phrase-77"
LOGIN = "/admin/login/"


@pytest.fixture
def device() -> AdminDevice:
    return create_admin(username="erin", password=PASSWORD)


def at(address: str) -> Client:
    return Client(REMOTE_ADDR=address, raise_request_exception=False)


def fields(device: AdminDevice, **changed: str) -> dict[str, str]:
    """Return what the owner types; a code of the next step each time, as one counts once."""
    device.refresh_from_db()
    right = {"username": "erin", "password": PASSWORD, "otp_token": f"{totp(device.bin_key):06}"}
    return right | changed


def let_codes_count_again(device: AdminDevice) -> None:
    AdminDevice.objects.filter(pk=device.pk).update(last_t=-1)


def addresses(many: int) -> Iterator[str]:
    return (f"10.{number}.0.1" for number in range(many))


def told(why: str) -> list[dict[str, Fact]]:
    return [each.facts for each in Event.objects.filter(event="admin.throttled") if each.facts["why"] == why]


@pytest.mark.parametrize("name", ["erin", "nobody"])
def test_forty_wrong_sign_ins_from_forty_addresses_lock_the_name(device: AdminDevice, name: str) -> None:
    wrong = {"username": name, "password": "wrong", "otp_token": "000000"}
    came = [at(address).post(LOGIN, wrong) for address in addresses(40)]
    assert [each.status_code for each in came] == [200] * 5 + [429] * 35
    assert 0 < int(came[-1]["Retry-After"]) <= 30
    page = came[-1].content.decode()
    assert f'value="{name}"' in page
    assert "There were too many wrong sign-ins for this user name." in page
    who = {"account": "erin"} if name == "erin" else {"name": pseudonym("nobody")}
    assert told("account") == [{"network": "10.5.0.1", "why": "account", **who}]


def test_not_even_the_right_password_opens_a_locked_account_to_a_stranger(device: AdminDevice) -> None:
    for address in addresses(5):
        at(address).post(LOGIN, fields(device, password="wrong"))
    assert at("10.9.9.9").post(LOGIN, fields(device)).status_code == 429


def test_a_lock_leaves_the_owners_known_browser_and_address_open(device: AdminDevice) -> None:
    hers = at("192.0.2.5")
    assert hers.get(LOGIN).status_code == 200
    assert hers.post(LOGIN, fields(device)).status_code == 302
    hers.post("/admin/logout/")
    for address in addresses(40):
        at(address).post(LOGIN, fields(device, password="wrong"))
    let_codes_count_again(device)
    hers.defaults["REMOTE_ADDR"] = "198.51.100.1"
    assert hers.post(LOGIN, fields(device)).status_code == 302
    let_codes_count_again(device)
    assert at("192.0.2.5").post(LOGIN, fields(device)).status_code == 302


def test_a_browser_of_one_admin_is_a_stranger_to_another(device: AdminDevice) -> None:
    other = create_admin(username="frank", password=PASSWORD)
    his = at("192.0.2.6")
    assert his.post(LOGIN, fields(other, username="frank")).status_code == 302
    his.post("/admin/logout/")
    for address in addresses(5):
        at(address).post(LOGIN, fields(device, password="wrong"))
    assert his.post(LOGIN, fields(device)).status_code == 429


def test_the_lock_doubles_and_ends(device: AdminDevice) -> None:
    wrong, waits = fields(device, password="wrong"), []
    for number, address in enumerate(addresses(12)):
        came = at(address).post(LOGIN, wrong)
        if number < 5:
            continue
        waits.append(int(came["Retry-After"]))
        Lock.objects.update(last=timezone.now().timestamp() - 900)
        at(f"10.{number}.0.2").post(LOGIN, wrong)
    rising = [30, 60, 120, 240, 480, 900, 900]
    assert all(right - 20 <= wait <= right for wait, right in zip(waits, rising, strict=True)), waits
    Lock.objects.update(last=timezone.now().timestamp() - 900)
    let_codes_count_again(device)
    assert at("10.99.0.2").post(LOGIN, fields(device)).status_code == 302


def test_wrong_codes_with_the_right_password_also_lock_and_are_recorded(device: AdminDevice) -> None:
    first, *others = addresses(8)
    came = [at(first).post(LOGIN, fields(device, otp_token="000000"))]
    # A wrong code slows the next one down for a second, which a busy machine may let pass.
    later = timezone.now() + timedelta(minutes=1)
    AdminDevice.objects.filter(pk=device.pk).update(throttling_failure_timestamp=later)
    came += [at(address).post(LOGIN, fields(device, otp_token="000000")) for address in others]
    assert [each.status_code for each in came] == [200] * 5 + [429] * 3
    assert told("code") == [{"account": "erin", "network": "10.1.0.1", "why": "code"}]
    assert len(told("account")) == 1
    assert Event.objects.filter(event="admin.code-refused").count() == 5


def test_wrong_codes_of_a_password_thief_do_not_lock_the_owner_out(device: AdminDevice) -> None:
    hers = at("192.0.2.5")
    assert hers.post(LOGIN, fields(device)).status_code == 302
    hers.post("/admin/logout/")
    AdminDevice.objects.filter(pk=device.pk).update(
        throttling_failure_count=12, throttling_failure_timestamp=timezone.now() + timedelta(seconds=1)
    )
    let_codes_count_again(device)
    assert at("10.9.9.9").post(LOGIN, fields(device)).status_code == 200
    assert hers.post(LOGIN, fields(device)).status_code == 302


def test_the_owners_own_browser_is_slowed_down_too(device: AdminDevice) -> None:
    hers = at("192.0.2.5")
    assert hers.post(LOGIN, fields(device)).status_code == 302
    hers.post("/admin/logout/")
    came = [hers.post(LOGIN, fields(device, otp_token="000000")).status_code for _ in range(8)]
    assert came == [200] * 5 + [429] * 3


def test_an_address_guessing_many_names_waits_but_its_known_browsers_do_not(
    device: AdminDevice,
) -> None:
    hers = at("192.0.2.5")
    assert hers.post(LOGIN, fields(device)).status_code == 302
    hers.post("/admin/logout/")
    wrong = [fields(device, username=f"name{number}") for number in range(12)]
    assert [at("192.0.2.5").post(LOGIN, each).status_code for each in wrong].count(429) == 3
    assert told("network")
    let_codes_count_again(device)
    assert hers.post(LOGIN, fields(device)).status_code == 302


def test_busy_password_checks_leave_a_place_to_a_known_browser(
    device: AdminDevice,
) -> None:
    hers = at("192.0.2.5")
    assert hers.post(LOGIN, fields(device)).status_code == 302
    hers.post("/admin/logout/")
    let_codes_count_again(device)
    with CHECKS, CHECKS:
        assert at("10.1.1.1").post(LOGIN, fields(device)).status_code == 503
        assert hers.post(LOGIN, fields(device)).status_code == 302
    assert CHECKS_KNOWN.acquire(blocking=False)
    CHECKS_KNOWN.release()
