"""A page is small enough for a bad line on a train."""

from playwright.sync_api import Browser, Response

from portal.web.styleguide import PAGES

LIMIT = 60 * 1024


def test_html_css_and_scripts_of_every_page_fit_60_kilobytes(browser: Browser, guide: str) -> None:
    weights = {name: _weight(browser, f"{guide}{name}/") for name in PAGES}
    assert {name: weight for name, weight in weights.items() if not 0 < weight <= LIMIT} == {}


def _weight(browser: Browser, address: str) -> int:
    """Return the bytes of everything that a first visit loads, before any compression."""
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    context = browser.new_context()
    page = context.new_page()
    page.on("response", keep)
    page.goto(address, wait_until="load")
    weight = sum(len(answer.body()) for answer in answers)
    context.close()
    return weight
