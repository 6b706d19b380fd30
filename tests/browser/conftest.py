"""A browser for the whole run, a fresh page for each test."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from deploy.dev.chromium import PHONE, chromium
from deploy.dev.site import styleguide_site

Open = Callable[..., Page]
Fresh = Callable[[], Page]


@pytest.fixture(scope="package")
def real_browser() -> Iterator[Browser]:
    """Chromium, for this folder only: Playwright keeps an event loop running in the thread of the tests.

    Django takes that loop for asynchronous code; the variable tells it that this is none.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with chromium() as started:
        yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def guide() -> Iterator[str]:
    with styleguide_site() as address:
        yield address


@pytest.fixture
def open_page(real_browser: Browser, guide: str) -> Iterator[Open]:
    """Open a page of the styleguide; any message on its console fails the test."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def note_message(message: ConsoleMessage) -> None:
        said.append(message.text)

    def note_error(error: Error) -> None:
        said.append(str(error))

    def open_one(
        name: str, *, theme: str = "light", size: tuple[int, int] = PHONE, script: bool = True
    ) -> Page:
        context = real_browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=script,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note_message)
        page.on("pageerror", note_error)
        page.goto(guide + (f"{name}/" if name else ""))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def fresh(real_browser: Browser) -> Iterator[Fresh]:
    """Open an empty page of a browser that has been nowhere yet."""
    contexts: list[BrowserContext] = []

    def open_one() -> Page:
        contexts.append(real_browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}))
        return contexts[-1].new_page()

    yield open_one
    for context in contexts:
        context.close()
