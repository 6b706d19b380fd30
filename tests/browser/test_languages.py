"""The language follows the browser, and can be changed at the foot where there is a choice."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

pytestmark = pytest.mark.urls("deploy.dev.urls")


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.WHITENOISE_AUTOREFRESH = True
    return Client()


def test_one_language_is_no_choice(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert 'name="language"' not in client.get("/styleguide/home/").content.decode()


def test_several_languages_can_be_chosen_by_their_own_names(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "German"), ("ar", "Arabic")]
    page = client.get("/styleguide/home/", headers={"accept-language": "de"}).content.decode()
    assert re.search(r'<html lang="de"\s+dir="ltr">', page)
    assert "Deutsch" in page
    assert "العربي" in page


def test_languages_from_right_to_left_turn_the_page(client: Client, settings: Settings) -> None:
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    page = client.get("/styleguide/home/", headers={"accept-language": "ar"}).content.decode()
    assert re.search(r'<html lang="ar"\s+dir="rtl">', page)
