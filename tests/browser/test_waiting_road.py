"""The worker is killed before the submit and started again: a real browser sees waiting, then done."""

import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.dev.chromium import PHONE
from tests.journeys.rig import DONE, WAITING, Guest, Rig


def submitted(browser: Browser, rig: Rig, guest: Guest, *, script: bool) -> Page:
    """Open the page of the new password in a real browser, and submit it to a worker that has died."""
    at_password = guest.to_new_password()
    context = browser.new_context(
        viewport={"width": PHONE[0], "height": PHONE[1]}, java_script_enabled=script
    )
    context.add_cookies(
        [{"name": name, "value": value, "url": guest.base} for name, value in guest.walker.cookies.items()]
    )
    page = context.new_page()
    page.goto(at_password.url)
    rig.worker.kill()  # its heartbeat is still believed
    page.fill("[name=new]", guest.new)
    page.fill("[name=confirm]", guest.new)
    page.get_by_role("button", name="Save the new password").click()
    page.wait_for_url("**/result/*/")
    return page


@pytest.mark.parametrize("script", [True, False], ids=["with scripts", "without scripts"])
def test_the_page_changes_from_waiting_to_done_after_the_worker_returns(
    real_browser: Browser, rig: Rig, script: bool
) -> None:
    guest, before = rig.visitor(), rig.proxy.modifies
    page = submitted(real_browser, rig, guest, script=script)
    expect(page.get_by_text(WAITING)).to_be_visible()
    rig.worker.start()
    expect(page.locator(".notice--good")).to_contain_text(DONE, timeout=20_000)
    assert "Done" in page.title()
    assert rig.proxy.modifies == before + 1
    assert rig.lab.bind(guest.person.dn, guest.new) is None
    guest.old = guest.new
    page.context.close()
