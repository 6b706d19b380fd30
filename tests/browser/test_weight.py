"""A page is small enough for a bad line on a train."""

from playwright.sync_api import Response

from portal.web.styleguide import PAGES
from tests.browser.conftest import Open

LIMIT = 60 * 1024


def test_html_css_and_scripts_of_every_page_fit_60_kilobytes(open_page: Open, guide: str) -> None:
    page = open_page("")
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    weights = {}
    for name in PAGES:
        answers.clear()
        page.goto(f"{guide}{name}/")
        weights[name] = sum(len(answer.body()) for answer in answers)  # before any compression
    assert {name: weight for name, weight in weights.items() if not 10_000 < weight <= LIMIT} == {}
