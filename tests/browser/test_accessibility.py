"""Every page in every state, checked by axe, and by rules that axe doesn't know."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pytest_django.fixtures import Settings

from deploy.dev.chromium import DESKTOP, PHONE
from portal.styleguide import views as styleguide
from tests.browser.conftest import Open

PAGES = styleguide.NAMES
NAMES = ["", *PAGES]
NARROW = (320, 640)  # also what 1280 pixels are at 400 % zoom

TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, summary, label.choice")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip"))
  .filter((each) => !(each.matches("input") && each.closest("label")))
  .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height < 44)
  .map(([html, box]) => `${html} is ${box.height} high`)"""

LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_ADDRESS = (
    "donaudampfschifffahrtsgesellschaft@informationstechnologie.stadtverwaltung-der-hauptstadt.example"
)
LONG_CONTACT = f"{LONG_ADDRESS} oder +49 30 123456789012345678901234567890, Zimmer 4711"
LONG = {
    "Ada Lovelace": LONG_NAME,
    "Private mail": LONG_NAME,
    "a•••@example.com": LONG_ADDRESS,
    "a•••@corp.example": LONG_ADDRESS,
    "ada@corp.example": LONG_ADDRESS,
    "K7QM-2XHD": "K7QM-2XHD" * 8,
}
# Replaces the short samples of the styleguide by the longest texts that people and directories have.
LENGTHEN = """(long) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const [short, text] of Object.entries(long)) {
      texts.currentNode.data = texts.currentNode.data.replaceAll(short, text);
    }
  }
}"""
# What overflows: what can be scrolled to, and what is cut off, which scrollWidth does not show.
OVERFLOWING = """() => {
  const root = document.documentElement;
  const wide = [...document.body.querySelectorAll("*")]
    .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip, svg"))
    .filter((each) => each.getBoundingClientRect().right > root.clientWidth + 0.5)
    .map((each) => each.outerHTML.slice(0, 60));
  return root.scrollWidth > root.clientWidth ? ["the page", ...wide] : wide;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(open_page: Open, guide: str, theme: str) -> None:
    page = open_page("", theme=theme)
    found = {}
    for name in NAMES:
        page.goto(guide + (f"{name}/" if name else ""))
        results = Axe().run(page)
        if results.violations_count:
            found[name] = results.generate_report()
    assert found == {}


def test_every_page_fits_320_pixels_and_400_percent(open_page: Open, guide: str) -> None:
    page = open_page("", size=NARROW)
    widths = {}
    for name in PAGES:
        page.goto(f"{guide}{name}/")
        widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > NARROW[0]} == {}


@pytest.mark.parametrize("script", [True, False])
def test_nothing_overflows_at_320_pixels_with_the_longest_names(
    open_page: Open, guide: str, settings: Settings, script: bool
) -> None:
    settings.KEYBACK_CONTACT, settings.KEYBACK_ORGANISATION = LONG_CONTACT, LONG_NAME
    page = open_page("", size=NARROW, script=script)
    found = {}
    for name in NAMES:
        page.goto(guide + (f"{name}/" if name else ""))
        page.evaluate(LENGTHEN, LONG)
        overflowing = page.evaluate(OVERFLOWING)
        if overflowing:
            found[name or "styleguide"] = overflowing
    assert found == {}


def test_every_target_is_high_enough_for_a_thumb(open_page: Open, guide: str, settings: Settings) -> None:
    settings.KEYBACK_CONTACT = LONG_CONTACT
    page = open_page("", size=PHONE)
    small = {}
    for name in PAGES:
        page.goto(f"{guide}{name}/")
        small[name] = page.evaluate(TOO_SMALL)
    assert {name: targets for name, targets in small.items() if targets} == {}


def test_the_title_says_the_step(open_page: Open, guide: str) -> None:
    page = open_page("")
    for name in [name for name, made in styleguide.PAGES.items() if "step" in made.context()]:
        page.goto(f"{guide}{name}/")
        heading = re.sub(r"\s+", " ", page.locator("h1").text_content() or "").strip()
        assert re.match(r"Step \d of 4 · ", heading)
        assert page.title().removeprefix("Error: ").startswith(heading)


def test_the_title_of_a_page_with_errors_starts_with_error(open_page: Open) -> None:
    assert open_page("password-short").title().startswith("Error: Step 3 of 4 · ")
    assert not open_page("password").title().startswith("Error")


def test_password_fields_have_no_maximum_length(open_page: Open) -> None:
    page = open_page("change")
    assert page.locator("input[type=password]").count() == 3
    assert page.locator("input[type=password][maxlength]").count() == 0


def test_a_right_to_left_page_is_mirrored(open_page: Open) -> None:
    page = open_page("home", size=DESKTOP)
    page.evaluate("document.documentElement.dir = 'rtl'")
    icon, name = page.locator(".choice > .icon").first, page.locator(".choice__name").first
    left, right = icon.bounding_box(), name.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] > right["x"]
