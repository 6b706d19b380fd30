"""Everything can be reached with the keyboard, and the focus is always visible."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open

FOCUSED = """() => {
  const at = document.activeElement;
  const box = at.closest("label.choice") ?? at;
  const style = getComputedStyle(box);
  return {tag: at.tagName, name: at.name || at.textContent.trim(), outline: parseFloat(style.outlineWidth),
          style: style.outlineStyle};
}"""


def _walk(page: Page) -> list[str]:
    """Press Tab until the focus leaves the page; each stop must show that it has the focus."""
    seen: list[str] = []
    for place in range(40):
        at = page.evaluate(FOCUSED)
        page.keyboard.press("Tab")
        if at["tag"] == "BODY":
            if place:
                return seen
            continue
        assert at["style"] != "none", at
        assert at["outline"] >= 2, at
        seen.append(at["name"] or at["tag"])
    raise AssertionError(f"The focus never leaves the page: {seen}")


def test_the_first_tab_stop_skips_to_the_main_content(open_page: Open) -> None:
    page = open_page("home")
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")
    assert page.locator("main").evaluate("each => each === document.activeElement")


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        ("home", ["I forgot my password", "My account is locked", "I want to change my password"]),
        ("who", ["name", "What's my user name?", "Continue", "Back"]),
        ("code-app", ["code", "Continue", "Use another way"]),
        ("password", ["new", "Show", "confirm", "Show", "Save the new password", "Stop"]),
        ("backup-codes", ["Copy", "Save as a file", "Print", "saved", "Done"]),
    ],
)
def test_tab_reaches_everything_in_order(open_page: Open, name: str, stops: list[str]) -> None:
    seen = _walk(open_page(name))
    assert [stop for stop in seen if stop in stops] == stops


@pytest.mark.parametrize(
    ("name", "first"),
    [("who", "name"), ("code-mail", "code"), ("confirm-email", "code"), ("password", "new")],
)
def test_the_focus_starts_in_the_field_that_the_page_asks_for(open_page: Open, name: str, first: str) -> None:
    assert open_page(name).evaluate("document.activeElement.name") == first


def test_the_button_beside_a_password_does_not_cut_its_focus_ring(open_page: Open) -> None:
    page = open_page("password")
    above = """() => {
      const field = document.querySelector("[name=new]");
      field.focus();
      const {right, top, height} = field.getBoundingClientRect();
      const button = field.parentElement.querySelector("[data-reveal]");
      button.style.marginInlineStart = "-2px";  // whichever is on top is hit where they overlap
      return document.elementFromPoint(right - 1, top + height / 2) === field;
    }"""
    assert page.evaluate(above)


def test_arrow_keys_choose_a_way(open_page: Open) -> None:
    page = open_page("prove")
    page.locator("input[type=radio]").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("input[type=radio]").nth(1).is_checked()


def test_the_error_summary_has_the_focus_and_links_to_the_field(open_page: Open) -> None:
    page = open_page("password-short")
    assert page.locator("[data-errors]").evaluate("each => each === document.activeElement")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "new"
