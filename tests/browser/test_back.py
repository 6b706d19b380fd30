"""Back and reload after a refused form: the browser shows the page without asking to send the form again."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Fresh
from tests.browser.test_road import ceiling, portal, worker

__all__ = ["ceiling", "portal", "worker"]


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


def test_reloading_a_refused_form_sends_no_post(portal: str, fresh: Fresh) -> None:
    page = fresh()
    _refused(page, portal)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.reload()
    assert set(sent) == {"GET"}
    expect(page.locator("[data-errors]")).to_have_count(0)
