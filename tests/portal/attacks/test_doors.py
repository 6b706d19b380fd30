"""Every route, signed out and sideways: closed by default, with the same headers, and dear to nobody."""

import pytest
from django.test import Client

from portal.people.models import Account
from portal.staff.models import AdminDevice
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.attacks.routes import every_route
from tests.portal.conftest import sign_in_as_admin
from tests.portal.walk import Browser

pytestmark = pytest.mark.slow

OPEN = {"/", "/reset/", "/unlock/", "/change/", "/register/sign-in/", "/admin/login/"}
FILES = {"/robots.txt", "/manifest.webmanifest"}  # the same for everybody
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@pytest.fixture
def stranger(worker: FakeWorker) -> Client:
    """A browser without a cookie."""
    return Client(raise_request_exception=False)


def test_a_signed_out_browser_opens_only_the_first_pages(stranger: Client) -> None:
    shown = {address for address in every_route() if stranger.get(address).status_code == 200}
    assert shown == OPEN | FILES


@pytest.mark.slow
def test_every_address_carries_the_headers(stranger: Client) -> None:
    admin = sign_in_as_admin()
    for address in [*every_route(), "/nothing/", "/%00", "/static/nothing.js"]:
        for client in (stranger, admin):
            response = client.get(address)
            missing = [name for name, part in HEADERS.items() if part not in response.get(name, "")]
            assert not missing, (address, missing)
            assert "unsafe" not in response["Content-Security-Policy"]
            assert client.put(address, b"{}", content_type="application/json")["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path",
    [
        "/register/./",
        "/register//",
        "/%2e/register/",
        "/register/%2e%2e/register/",
        "/reset/../register/",
        "/register/add/totp/;/",
        "/register/add/totp/%00",
        "/REGISTER/",
        "/admin/./people/account/",
        "/admin//people/account/",
        "/static/../portal/settings.py",
        "/static/%2e%2e/%2e%2e/portal/settings.py",
        "/admin/login//evil.example",
    ],
)
def test_a_crooked_path_opens_nothing_and_leads_nowhere_else(stranger: Client, path: str) -> None:
    response = stranger.get(path)
    assert response.status_code in {301, 302, 400, 404}
    assert not response.get("Location", "/").startswith(("//", "http", "\\"))


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:1", "\0"]
)
def test_choosing_a_language_leads_to_no_other_site(stranger: Client, to: str) -> None:
    response = stranger.post("/i18n/setlang/", {"language": "en", "next": to}, headers={"Referer": to})
    assert response.status_code in {302, 415}
    plain = stranger.post(
        "/i18n/setlang/",
        f"language=en&next={to}",
        content_type="application/x-www-form-urlencoded",
        headers={"Referer": to},
    )
    assert "evil" not in plain.get("Location", "")
    assert "javascript" not in plain.get("Location", "")


def test_a_password_without_a_code_opens_no_page_of_the_admin(worker: FakeWorker) -> None:
    sign_in_as_admin()
    client = Client(raise_request_exception=False)
    client.force_login(Account.objects.get(username="erin"))
    admin = [address for address in every_route() if address.startswith("/admin/")]
    assert {address for address in admin if client.get(address).status_code == 200} == {"/admin/login/"}


def test_no_page_of_the_admin_shows_or_sets_a_seed(worker: FakeWorker) -> None:
    client = sign_in_as_admin()
    device = AdminDevice.objects.get()
    for address in every_route():
        page = client.get(address)
        shown = page.content.decode()
        assert device.key not in shown, address
        assert device.bin_key.hex() not in shown, address
    assert not [address for address in every_route() if "totpdevice" in address]


def test_looking_at_pages_costs_the_workers_next_to_nothing(worker: FakeWorker, browser: Browser) -> None:
    for _ in range(20):
        for page in OPEN:
            browser.get(page)
    assert len(the_box().sent) <= 1


def test_a_session_planted_before_the_start_is_left_behind(worker: FakeWorker, browser: Browser) -> None:
    browser.client.cookies["__Host-keyback"] = "a" * 32
    browser.get("/reset/").send({"name": "nobody"})
    assert browser.session_key not in {"", "a" * 32}


@pytest.mark.parametrize(
    "page", ["/reset/", "/change/", "/register/sign-in/", "/admin/login/", "/i18n/setlang/"]
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://testserver.evil.example"])
def test_a_form_of_another_site_is_refused(worker: FakeWorker, page: str, origin: str) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get("/reset/")
    token = client.cookies["__Host-keyback-csrf"].value
    body = f"name=alice&csrfmiddlewaretoken={token}"
    sent = client.post(
        page, body, content_type="application/x-www-form-urlencoded", headers={"Origin": origin}, secure=True
    )
    assert sent.status_code == 403
