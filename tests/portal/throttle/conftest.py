"""The limits of production, scaled down where a test would take long."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.portal.walk import Browser

At = Callable[[str], Browser]


@pytest.fixture
def at() -> At:
    """A browser without a cookie at an address."""

    def fresh(address: str) -> Browser:
        return Browser(Client(REMOTE_ADDR=address, raise_request_exception=False))

    return fresh


@pytest.fixture
def small(settings: Settings) -> Settings:
    """Shares that a test uses up quickly; the site takes 60 wrong passwords as in production."""
    settings.KEYBACK_STARTS_PER_BROWSER = 8
    settings.KEYBACK_STARTS = 20
    settings.KEYBACK_STARTS_PER_NETWORK = 40
    settings.KEYBACK_STARTS_IN_ALL = 400
    settings.KEYBACK_FAILED_SIGN_INS = 60
    settings.KEYBACK_NETWORKS = []
    return settings
