"""The whole road in a real browser: pages, scripts, portal, the worker's core, over a directory in memory."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import Fresh
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import ceiling, worker
from tests.portal.walk import NEW, OLD, Browser, register, totp

__all__ = ["ceiling", "worker"]


@pytest.fixture
def portal(real_browser: Chromium, worker: FakeWorker, settings: Settings) -> Iterator[str]:
    """The portal on a port of loopback, without TLS, and so without the cookies that need it."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "keyback", "keyback-csrf"
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture
def seed(worker: FakeWorker) -> str:
    """Alice, registered with mail and an app; the app's seed."""
    worker.corp.add("alice")
    return register(Browser(Client()), worker)


@pytest.fixture
def alice(worker: FakeWorker, seed: str) -> Person:
    return next(person for person in worker.corp.people.values() if person.account.name == "alice")


def _to(page: Page, name: str) -> None:
    """Press Tab until the field of this name, or the button or link with this text, has the focus."""
    seen = []
    for _ in range(30):
        at = page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")
        seen.append(at)
        if at == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} can't be reached: {seen}")


def _type(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        _to(page, name)
        page.keyboard.type(text)
    page.keyboard.press("Enter")


def _choose(page: Page, kind: str) -> None:
    """Choose a way with the arrow keys."""
    _to(page, "offer")
    for _ in range(5):
        page.keyboard.press("Space")
        if page.evaluate("document.activeElement.dataset.kind") == kind:
            page.keyboard.press("Enter")
            page.wait_for_url("**/code/")
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{kind} is not offered")


def _to_the_new_password(page: Page, worker: FakeWorker, seed: str) -> None:
    """Walk from the first page to the new password with the keyboard alone."""
    _to(page, "I forgot my password")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reset/")
    _type(page, name="alice")
    page.wait_for_url("**/prove/")
    worker.mails()
    worker.clock.move(2)  # past the pause between two mails to one box
    _choose(page, "email")
    _type(page, code=worker.mailed_code())
    page.wait_for_url("**/prove/")
    _choose(page, "totp")
    _type(page, code=totp(seed, worker))
    page.wait_for_url("**/password/")


def test_a_whole_reset_works_with_the_keyboard_alone(
    portal: str, worker: FakeWorker, seed: str, alice: Person, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(portal)
    _to_the_new_password(page, worker, seed)
    assert page.title().startswith("Step 3 of 4 · ")
    _type(page, new=NEW, confirm=NEW)
    page.wait_for_url("**/result/*/")
    expect(page.locator(".notice--good")).to_contain_text("Your new password is set.")
    assert alice.password == NEW


def test_a_refused_password_moves_the_focus_to_the_reason(
    portal: str, worker: FakeWorker, seed: str, alice: Person, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(portal)
    _to_the_new_password(page, worker, seed)
    _type(page, new="Short-1", confirm="Short-1")
    expect(page.locator("[data-errors]")).to_be_focused()
    expect(page.locator("[data-errors]")).to_contain_text("Use at least 8 characters. This one has 7.")
    assert page.title().startswith("Error: Step 3 of 4 · ")
    assert alice.password == OLD


def test_a_late_answer_appears_without_a_click(
    portal: str, worker: FakeWorker, seed: str, alice: Person, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(portal)
    _to_the_new_password(page, worker, seed)
    the_box().holds = True
    _type(page, new=NEW, confirm=NEW)
    page.wait_for_url("**/result/*/", timeout=20_000)
    expect(page.locator("[data-poll]")).to_be_visible()
    the_box().deliver()
    expect(page.locator(".notice--good")).to_contain_text("Your new password is set.", timeout=20_000)
    assert alice.password == NEW


def test_shown_backup_codes_are_in_the_file_and_registered(
    portal: str, worker: FakeWorker, seed: str, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(f"{portal}/register/")
    _type(page, name="alice", password=OLD)
    page.wait_for_url("**/prove/")
    _choose(page, "totp")
    _type(page, code=totp(seed, worker))
    page.wait_for_url("**/register/")
    _to(page, "Sign out")
    page.goto(f"{portal}/register/add/backup-codes/")
    page.get_by_role("button", name=re.compile("codes")).click()
    expect(page.locator("#codes li")).to_have_count(10)
    codes = page.locator("#codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    assert (download.value.suggested_filename, len(codes)) == ("backup-codes.txt", 10)
    assert set(codes) <= set(download.value.path().read_text().splitlines())
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url("**/register/")
    expect(page.get_by_text("10 codes left")).to_be_visible()
