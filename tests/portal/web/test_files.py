"""What browsers, password managers and crawlers ask of any site."""

import re
import struct
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from tests.fakes.worker import FakeWorker

ABSENT = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200"
PNG = b"\x89PNG\r\n\x1a\n"


def test_a_password_manager_is_led_to_the_change(worker: FakeWorker) -> None:
    led = Client().get("/.well-known/change-password")
    assert (led.status_code, led["Location"]) == (303, "/change/")


def test_a_file_that_is_not_there_is_a_404(worker: FakeWorker) -> None:
    assert Client().get(ABSENT).status_code == 404


def test_crawlers_are_kept_away() -> None:
    told = Client().get("/robots.txt")
    assert told["Content-Type"].startswith("text/plain")
    assert told.content == b"User-agent: *\nDisallow: /\n"


@pytest.mark.parametrize("name", ["", "City of Example"])
def test_the_manifest_names_title_colour_and_icons(settings: Settings, name: str) -> None:
    settings.KEYBACK_ORGANISATION = name
    told = Client().get("/manifest.webmanifest")
    assert told["Content-Type"] == "application/manifest+json"
    said = told.json()
    assert said["name"] == (name or "Keyback")
    assert said["start_url"] == "/"
    assert said["theme_color"] == "#ffffff"
    assert {icon["sizes"] for icon in said["icons"]} == {"any", "192x192", "512x512"}
    assert all(_file(icon["src"]).exists() for icon in said["icons"])


@pytest.mark.parametrize("page", ["/", "/no-such-page/", "/admin/login/"])
def test_each_icon_that_a_page_names_is_there(worker: FakeWorker, page: str) -> None:
    text = Client().get(page).content.decode()
    named = re.findall(r'<link rel="(?:icon|apple-touch-icon)" href="([^"]+)"', text)
    assert [Path(each).name for each in named] == ["favicon.ico", "mark.svg", "icon-180.png"]
    assert all(_file(each).exists() for each in named)


def test_the_usual_favicon_path_works() -> None:
    led = Client().get("/favicon.ico")
    assert (led.status_code, _file(led["Location"]).name) == (302, "favicon.ico")


def test_each_theme_names_its_colour_to_the_browser(worker: FakeWorker) -> None:
    text = " ".join(Client().get("/").content.decode().split())
    for theme, colour in (("light", "#ffffff"), ("dark", "#161e22")):
        said = f'<meta name="theme-color" content="{colour}" media="(prefers-color-scheme: {theme})">'
        assert said in text


def test_the_favicon_holds_the_three_sizes_that_are_asked_for() -> None:
    data = _file("/static/img/favicon.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", data)
    assert (kind, count) == (1, 3)
    sizes = []
    for number in range(count):
        length, start = struct.unpack_from("<II", data, 6 + 16 * number + 8)
        png = data[start : start + length]
        assert png.startswith(PNG)
        sizes.append(struct.unpack_from(">II", png, 16))
    assert sizes == [(16, 16), (32, 32), (48, 48)]


@pytest.mark.parametrize("size", [180, 192, 512])
def test_an_icon_is_as_large_as_its_name_says(size: int) -> None:
    data = _file(f"/static/img/icon-{size}.png").read_bytes()
    assert data.startswith(PNG)
    assert struct.unpack_from(">II", data, 16) == (size, size)


def _file(address: str) -> Path:
    found = finders.find(address.removeprefix("/static/"))
    assert isinstance(found, str), address
    return Path(found)
