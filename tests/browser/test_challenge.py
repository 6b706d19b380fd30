"""The sum under pressure in a real browser: a script solves it; without a script the person waits."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from deploy.dev.chromium import PHONE
from tests.browser.conftest import Fresh
from tests.browser.test_road import portal
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import ceiling, worker
from tests.portal.walk import Browser

__all__ = ["ceiling", "portal", "worker"]


@pytest.fixture
def busy(settings: Settings) -> Settings:
    """Shares that a few starts fill by half, and the sum of production."""
    settings.KEYBACK_STARTS = settings.KEYBACK_FAILED_SIGN_INS = 12
    settings.KEYBACK_CHALLENGE_ROUNDS = 2000
    return settings


def press() -> None:
    """Let a program use up half of what this machine's address may begin."""
    for number in range(6):
        Browser(Client()).get("/reset/").send({"name": f"junk{number}"})


def complaints(page: Page) -> int:
    found: int = Axe().run(page).violations_count
    return found


def test_the_sum_is_solved_while_somebody_types(
    portal: str, worker: FakeWorker, busy: Settings, fresh: Fresh
) -> None:
    press()
    page = fresh()
    page.goto(f"{portal}/reset/")
    expect(page.locator("[data-challenge-wait]")).to_be_hidden()
    expect(page.locator("[data-challenge-status]")).to_contain_text("Check passed", timeout=30_000)
    assert complaints(page) == 0
    page.locator("[name=name]").fill("alice")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prove/")


def test_a_form_sent_early_goes_on_when_the_challenge_is_solved(
    portal: str, worker: FakeWorker, busy: Settings, fresh: Fresh
) -> None:
    press()
    busy.KEYBACK_CHALLENGE_ROUNDS = 100_000
    page = fresh()
    page.goto(f"{portal}/reset/")
    page.locator("[name=name]").fill("alice")
    page.keyboard.press("Enter")
    expect(page.locator("[data-challenge-status]")).to_contain_text("a short sum first")
    expect(page.locator("[data-challenge-bar]")).to_be_visible()
    assert complaints(page) == 0
    page.wait_for_url("**/prove/", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prove it's you")


def test_a_name_form_opened_before_the_pressure_is_sent_by_itself_once_solved(
    portal: str, worker: FakeWorker, busy: Settings, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(f"{portal}/reset/")
    press()
    page.locator("[name=name]").fill("alice")
    page.keyboard.press("Enter")
    page.wait_for_url("**/prove/", timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Prove it's you")


def test_a_form_with_a_password_asks_for_it_again_under_pressure(
    portal: str, worker: FakeWorker, busy: Settings, fresh: Fresh
) -> None:
    page = fresh()
    page.goto(f"{portal}/register/sign-in/")
    press()
    page.locator("[name=name]").fill("alice")
    page.locator("[name=password]").fill("Winter-rain-42")
    page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_contain_text("Type your password once more")
    assert page.locator("[name=name]").input_value() == "alice"
    assert page.locator("[name=password]").input_value() == ""
    expect(page.locator("[data-challenge-status]")).to_contain_text("Check passed", timeout=30_000)
    assert page.url.endswith("/register/sign-in/")


def test_without_a_script_the_page_says_how_long_to_wait_and_keeps_the_name(
    portal: str, worker: FakeWorker, busy: Settings, real_browser: Chromium
) -> None:
    busy.KEYBACK_CHALLENGE_WAIT = 8
    press()
    context = real_browser.new_context(
        java_script_enabled=False, viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    page = context.new_page()
    page.goto(f"{portal}/reset/")
    expect(page.locator("[data-challenge-wait]")).to_contain_text("The button works in 8 seconds")
    page.locator("[name=name]").fill("alice")
    page.keyboard.press("Enter")
    expect(page.locator("[data-errors]")).to_contain_text("That was too soon. Wait")
    assert page.locator("[name=name]").input_value() == "alice"
    page.wait_for_timeout(8000)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/prove/")
    context.close()
