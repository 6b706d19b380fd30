"""The language follows the browser, and can be changed at the foot of the page if there are several."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.urls("deploy.dev.urls")


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.WHITENOISE_AUTOREFRESH = True
    return Client()


def test_a_single_language_offers_no_choice(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert 'name="language"' not in client.get("/styleguide/home/").content.decode()


def test_each_language_is_offered_under_its_own_name(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "German"), ("ar", "Arabic")]
    page = client.get("/styleguide/home/", headers={"accept-language": "de"}).content.decode()
    assert re.search(r'<html lang="de"\s+dir="ltr">', page)
    assert "Deutsch" in page
    assert "العربي" in page


def test_a_right_to_left_language_sets_the_direction_of_the_page(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    page = client.get("/styleguide/home/", headers={"accept-language": "ar"}).content.decode()
    assert re.search(r'<html lang="ar"\s+dir="rtl">', page)
