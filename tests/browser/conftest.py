"""A browser for the whole run, a fresh page for each test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from tests.browser.chromium import PHONE, chromium
from tests.browser.server import styleguide_site

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def guide() -> Iterator[str]:
    with styleguide_site() as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, guide: str) -> Iterator[Open]:
    """Open a page of the styleguide; what it says on the console fails the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        said.append(message.text)

    def failed(error: Error) -> None:
        said.append(str(error))

    def opened(
        name: str, *, theme: str = "light", size: tuple[int, int] = PHONE, script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", failed)
        page.goto(guide + (f"{name}/" if name else ""))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
