"""A page is small enough for a bad line on a train."""

from portal.styleguide.views import NAMES
from tests.browser.conftest import Open

LIMIT = 60 * 1024
# 150 ms there and back, 1.6 Mbit/s down, 0.75 Mbit/s up: the slow line that browsers' own tools measure with.
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
# Bodies before any compression, whether they came from the cache or not.
WEIGHT = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .reduce((sum, entry) => sum + entry.decodedBodySize, 0)"""
LARGEST_PAINT = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({type: "largest-contentful-paint", buffered: true});
})"""


def test_html_css_and_scripts_of_every_page_fit_60_kilobytes(open_page: Open, guide: str) -> None:
    page = open_page("")
    weights = {}
    for name in NAMES:
        page.goto(f"{guide}{name}/")
        weights[name] = page.evaluate(WEIGHT)
    assert {name: weight for name, weight in weights.items() if not 10_000 < weight <= LIMIT} == {}


def test_the_first_page_is_painted_within_a_second_on_a_slow_phone(open_page: Open, guide: str) -> None:
    page = open_page("who")
    session = page.context.new_cdp_session(page)
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    painted = []
    for _ in range(3):  # the machine of the tests is busy, too
        page.goto(f"{guide}home/")
        painted.append(page.evaluate(LARGEST_PAINT))
    assert min(painted) < 1000
