"""The end of an attempt is announced before it comes, and a person can have more time."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Fresh, Open


def test_the_end_of_an_attempt_is_announced_with_an_offer_of_more_time(open_page: Open) -> None:
    page = open_page("code-app")
    page.clock.install()
    page.reload()
    status, more = page.locator("[data-ends-status]"), page.get_by_role("button", name="I need more time")
    assert (status.inner_text(), more.is_visible()) == ("", False)
    page.clock.run_for(5 * 60 * 1000 + 1000)
    expect(status).to_have_text("This attempt ends in less than two minutes.")
    expect(more).to_be_visible()
    page.clock.run_for(60 * 1000)
    expect(status).to_have_text("This attempt ends within a minute.")
    page.clock.run_for(70 * 1000)
    expect(status).to_have_text("This attempt has ended. Start again.")
    expect(more).to_be_hidden()


def test_asking_for_more_time_keeps_what_was_typed(open_page: Open) -> None:
    page = open_page("code-ending")
    page.locator("[name=code]").fill("123")
    fresh = page.request.get(page.url.replace("code-ending", "code-app")).text()
    page.route("**/code-ending/", lambda route: route.fulfill(body=fresh, content_type="text/html"))
    page.get_by_role("button", name="I need more time").click()
    status = page.locator("[data-ends-status]")
    expect(status).to_have_text("You have more time now.")
    expect(status).to_be_focused()
    assert page.locator("[name=code]").input_value() == "123"
    assert page.locator("[data-ends]").get_attribute("data-ends") == "420"
    assert "UTC" not in page.locator("[data-ends] time").first.inner_text()


@pytest.mark.parametrize("status", [0, 503])
def test_a_failed_request_for_more_time_keeps_what_was_typed(fresh: Fresh, guide: str, status: int) -> None:
    page = fresh()
    page.goto(f"{guide}code-ending/")
    page.locator("[name=code]").fill("123")
    page.route("**/code-ending/", lambda to: to.fulfill(status=status) if status else to.abort())
    more = page.get_by_role("button", name="I need more time")
    more.click()
    expect(page.locator("[data-ends-status]")).to_have_text(
        "We couldn't get through. Check your connection and try again."
    )
    expect(more).to_be_visible()
    assert page.locator("[name=code]").input_value() == "123"


def test_without_a_script_the_page_shows_the_time_of_its_end(open_page: Open) -> None:
    page = open_page("code-app", script=False)
    said = page.locator("[data-ends]").inner_text()
    assert said == "For your safety this ends at 23:48 UTC if you do nothing, and at 23:53 UTC at the latest."
