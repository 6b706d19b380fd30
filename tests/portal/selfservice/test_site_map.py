"""Apps below know the pages of the app on top by one table, and its pages exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import URLResolver, get_resolver, resolve, reverse

from portal.selfservice.site_map import SITE_MAP
from writeback.envelope.jobs import Operation

ROOT = Path(__file__).resolve().parents[3]
TOP = {"selfservice", "styleguide"}
PUBLIC_ID = "A" * 22
CALL = re.compile(r'(?:redirect|reverse|lead_with_messages)\((?:request, )?"([\w-]+)"')
TAG = re.compile(r'{% url "([\w-]+)"')


def own_pages(resolver: URLResolver) -> Iterator[str]:
    """Yield the names of the addresses whose views are of the app on top."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from own_pages(each)
        elif each.name and each.lookup_str.startswith("portal.selfservice."):
            yield each.name


def below() -> Iterator[Path]:
    """Yield the modules and templates of the apps below."""
    for path in (*(ROOT / "portal").rglob("*.py"), *(ROOT / "templates").rglob("*.*")):
        if not TOP & set(path.parts):
            yield path


@pytest.mark.parametrize(
    "page", [SITE_MAP.home, SITE_MAP.sign_in, SITE_MAP.sign_out, SITE_MAP.ways, *SITE_MAP.begin.values()]
)
def test_each_page_of_the_site_map_has_an_address(page: str) -> None:
    assert resolve(reverse(page)).url_name == page


@pytest.mark.parametrize("page", [SITE_MAP.result, *SITE_MAP.act_in_attempt.values()])
def test_each_page_of_an_attempt_has_an_address(page: str) -> None:
    assert resolve(reverse(page, args=[PUBLIC_ID])).url_name == page


@pytest.mark.parametrize("operation", Operation)
def test_each_operation_begins_and_is_done_somewhere(operation: Operation) -> None:
    assert resolve(reverse(SITE_MAP.begin[operation])).url_name == SITE_MAP.begin[operation]
    assert resolve(SITE_MAP.url_to_act(operation, PUBLIC_ID)).url_name
    assert (operation in SITE_MAP.act) is not (operation in SITE_MAP.act_in_attempt)


def test_the_page_of_an_attempt_that_is_over_has_a_template() -> None:
    assert get_template(SITE_MAP.ended) is not None


def test_apps_below_name_no_page_of_the_app_on_top() -> None:
    own = set(own_pages(get_resolver()))
    assert own >= {"home", "ways", "password"}
    named = {
        (str(path.relative_to(ROOT)), found)
        for path in below()
        for text in [path.read_text(encoding="utf-8")]
        for found in (*CALL.findall(text), *TAG.findall(text), *re.findall(r"selfservice/\w+", text))
        if found in own or "/" in found
    }
    assert named == set()
