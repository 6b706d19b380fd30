"""Back, and loading again, after a form that came back: the browser shows the page and asks nothing."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Fresh
from tests.browser.test_road import ceiling, keys, portal, worker

__all__ = ["ceiling", "keys", "portal", "worker"]


def _refused(page: Page, portal: str) -> None:
    page.goto(f"{portal}/reset/")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-errors]")).to_be_visible()


def test_back_after_a_refused_form_shows_the_form(portal: str, fresh: Fresh) -> None:
    page = fresh()
    _refused(page, portal)
    page.locator("[name=name]").fill("nobody")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/prove/")
    page.go_back()
    expect(page.locator("[name=name]")).to_be_visible()
    assert page.locator("[data-errors]").count() == 0


def test_loading_a_refused_form_again_sends_nothing(portal: str, fresh: Fresh) -> None:
    page = fresh()
    _refused(page, portal)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.reload()
    assert set(sent) == {"GET"}
    expect(page.locator("[data-errors]")).to_have_count(0)
