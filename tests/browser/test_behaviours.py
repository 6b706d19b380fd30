"""The small scripts: each helps, and every page works without them."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Fresh, Open

# Runs after our own scripts: notes whether the form would have been sent, and keeps the page.
KEEP_HERE = """() => {
  window.sent = [];
  window.addEventListener("submit", (event) => {
    window.sent.push(!event.defaultPrevented);
    event.preventDefault();
  });
}"""


def _met(page: Page) -> list[str]:
    rules: list[str] = page.locator(".rules__rule--met").evaluate_all(
        "all => all.map(each => each.dataset.rule)"
    )
    return rules


def test_a_password_can_be_shown_and_is_hidden_again_before_it_is_sent(open_page: Open) -> None:
    page = open_page("password")
    show = page.get_by_role("button", name="Show: New password again")
    show.click()
    assert page.locator("[name=confirm]").get_attribute("type") == "text"
    assert page.locator("[name=new]").get_attribute("type") == "password"
    assert page.get_by_role("status").filter(has_text="can be read now").count() == 1
    page.evaluate(KEEP_HERE)
    page.get_by_role("button", name="Save the new password").click()
    assert page.locator("[name=confirm]").get_attribute("type") == "password"


@pytest.mark.parametrize(
    ("word", "met"),
    [
        ("", []),
        ("short", ["name-in-password"]),
        ("thirteenchars", ["name-in-password"]),
        ("fourteen-chars", ["min-length", "name-in-password"]),
        ("😀😀😀😀😀😀😀", ["min-length", "name-in-password"]),  # seven emoji are fourteen UTF-16 units
        ("Ab1", ["complexity", "name-in-password"]),
        ("aB-", ["complexity", "name-in-password"]),
        ("A1日", ["complexity", "name-in-password"]),
        ("LoveLace-and-1-more", ["min-length", "complexity"]),
    ],
)
def test_rules_tick_off_while_typing(open_page: Open, word: str, met: list[str]) -> None:
    page = open_page("password")
    page.locator("[name=new]").fill(word)
    assert _met(page) == met


def test_a_mail_address_is_sent_as_it_was_typed(open_page: Open) -> None:
    page = open_page("add-email")
    page.locator("[name=source][value=other]").check()
    field = page.locator("[name=address]")
    field.fill("bob@straße.example")
    assert field.input_value() == "bob@straße.example"
    assert field.get_attribute("inputmode") == "email"


def test_rules_are_shown_by_words_and_icons_and_not_only_by_colour(open_page: Open) -> None:
    page = open_page("password")
    page.locator("[name=new]").fill("fourteen-chars")
    expect(page.locator("[data-rules-status]")).to_have_text("2 of 3 met.")
    assert "(met)" in page.locator("[data-rule=min-length]").inner_text()
    assert "(not yet)" in page.locator("[data-rule=complexity]").inner_text()
    assert page.locator("[data-rule=min-length] .rules__dot").is_hidden()
    assert page.locator("[data-rule=min-length] .icon").is_visible()
    assert page.locator("[data-rule=complexity] .rules__dot").is_visible()
    assert page.locator("[data-rule=complexity] .icon").is_hidden()


def test_an_error_disappears_once_the_next_password_meets_the_rules(open_page: Open) -> None:
    page = open_page("password-empty")
    field = page.locator("[name=new]")
    complaints = [page.locator("#id_new_error"), page.locator("[data-errors] a[href='#id_new']")]
    field.fill("short")
    assert all(complaint.is_visible() for complaint in complaints)
    field.fill("Harbour-and-1-more")
    assert not any(complaint.is_visible() for complaint in complaints)
    assert field.get_attribute("aria-invalid") == "false"
    assert page.locator("[data-errors]").is_visible()  # it speaks of the other field, too
    page.locator("[data-errors] a[href='#id_confirm']").evaluate("link => link.closest('li').remove()")
    field.fill("Harbour-and-2-more")
    assert page.locator("[data-errors]").is_hidden()
    field.fill("short")
    assert all(complaint.is_visible() for complaint in complaints)


def test_a_form_is_sent_once_and_says_what_it_does(open_page: Open) -> None:
    page = open_page("password")
    page.evaluate(KEEP_HERE)
    page.get_by_role("button", name="Save the new password").click()
    expect(page.locator("button[data-busy]")).to_have_text("Saving your new password…")
    expect(page.locator("[data-busy-status]")).to_have_text("Saving your new password…")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert page.evaluate("window.sent") == [True, False, False]


def test_send_again_counts_down(open_page: Open) -> None:
    page = open_page("code-mail")
    again = page.locator("[data-resend]")
    assert again.is_disabled()
    assert again.inner_text().startswith("Send again in ")
    page = open_page("code-mail-late")
    assert page.get_by_role("button", name="Send again").is_enabled()


def test_the_waiting_page_reloads_when_the_state_changes(open_page: Open) -> None:
    page = open_page("waiting")
    states = iter(["waiting", "done"])
    page.route("**/state/", lambda route: route.fulfill(json={"state": next(states)}))
    with page.expect_navigation(timeout=8000):
        pass
    assert next(states, None) is None


def test_the_waiting_page_reloads_when_the_browser_may_no_longer_ask(fresh: Fresh, guide: str) -> None:
    page = fresh()  # a browser logs a 403 on its console
    page.route("**/state/", lambda route: route.fulfill(status=403, json={"state": "gone"}))
    page.goto(f"{guide}waiting/")
    with page.expect_navigation():
        pass


def test_the_waiting_page_reports_a_failed_question_and_keeps_asking(open_page: Open) -> None:
    page = open_page("waiting")
    page.route("**/state/", lambda route: route.fulfill(status=200, body="not json"))
    expect(page.locator("[data-poll-trouble]")).to_be_visible(timeout=5000)
    page.unroute("**/state/")
    page.route("**/state/", lambda route: route.fulfill(json={"state": "waiting"}))
    expect(page.locator("[data-poll-trouble]")).to_be_hidden(timeout=5000)


def test_codes_can_be_copied(open_page: Open) -> None:
    page = open_page("backup-codes")
    codes = page.locator("#codes li").all_inner_texts()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-codes-status]")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == codes


@pytest.mark.parametrize("name", ["backup-codes", "backup-codes-not-saved"])
def test_the_printed_page_shows_the_codes_and_nothing_that_looks_like_one(open_page: Open, name: str) -> None:
    page = open_page(name)
    page.emulate_media(media="print")
    assert page.locator("#codes").is_visible()
    assert page.get_by_role("button").locator("visible=true").count() == 0
    shown = " ".join(page.locator("body").inner_text().split())
    for part in (
        "Keyback",
        "Your backup codes",
        "ada@corp.example",
        "Nov. 20, 2026",
        "reset.corp.example",
    ):
        assert part in shown
    assert [part for part in ("Done", "Reference", "problem") if part in shown] == []


def test_the_sheet_of_codes_fits_on_one_page_of_paper(open_page: Open) -> None:
    paper = open_page("backup-codes").pdf(format="A4")
    assert paper.count(b"/Type /Page\n") == 1


def test_the_way_used_last_time_is_preselected(open_page: Open) -> None:
    page = open_page("prove")
    page.route("**/prove/", lambda route: route.continue_(method="GET"))
    page.locator("[data-kind=email]").check()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("[data-kind=email]")).to_be_checked()
    assert page.evaluate("Object.values(localStorage)") == ["email"]


@pytest.mark.parametrize("name", ["who", "prove", "code-mail", "password", "change", "sign-in"])
def test_without_a_script_every_form_can_be_sent(open_page: Open, name: str) -> None:
    page = open_page(name, script=False)
    assert page.locator("main form button[type=submit]").first.is_enabled()
    assert page.locator("[data-reveal]:visible").count() == 0


def test_without_a_script_codes_can_be_asked_for_again(open_page: Open) -> None:
    assert open_page("code-mail", script=False).get_by_role("button", name="Send again").is_enabled()


def test_times_are_shown_in_the_time_zone_of_the_viewer(real_browser: Browser, guide: str) -> None:
    context = real_browser.new_context(timezone_id="Asia/Tokyo", locale="en")
    page = context.new_page()
    page.goto(f"{guide}done/")
    expect(page.locator("time")).to_have_text(re.compile(r"November 21, 2026.*8:41"))
    context.close()


def test_without_a_script_times_name_their_zone(open_page: Open) -> None:
    assert "23:41 UTC" in open_page("done", script=False).locator("time").inner_text()


def test_a_shown_time_ends_with_its_time_zone(open_page: Open) -> None:
    page = open_page("done")
    told = page.locator("[data-moment=time]").first
    zone = page.evaluate(
        """() => new Intl.DateTimeFormat("en", {timeZoneName: "short"}).formatToParts()
          .find((part) => part.type === "timeZoneName").value"""
    )
    assert told.inner_text().endswith(f" {zone}")


def test_the_browser_accepts_the_manifest(open_page: Open) -> None:
    page = open_page("home")
    told = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert told["url"].endswith("/manifest.webmanifest")
    assert told["errors"] == []
    assert '"start_url": "/"' in told["data"]
