"""The portal with a real worker core in the same process, and a browser to walk its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django_otp.oath import totp
from pytest_django.fixtures import Settings

from portal.dispatch.flows import pair
from portal.dispatch.keys import write_portal_key
from portal.dispatch.workers import replace_workers
from portal.staff.flows import create_admin
from tests.envelope.keys import PORTAL
from tests.fakes.clock import WallClock
from tests.fakes.post_box import BOX, the_box
from tests.fakes.worker import FakeWorker, open_ceiling
from tests.portal.walk import Browser
from writeback.ceiling import Ceiling


@pytest.fixture
def ceiling() -> Ceiling:
    """The worker's policy; a file of tests may have another."""
    return open_ceiling()


@pytest.fixture
def worker(
    transactional_db: None, settings: Settings, tmp_path: Path, ceiling: Ceiling
) -> Iterator[FakeWorker]:
    """One worker, paired and alive."""
    settings.KEYBACK_KEYS = tmp_path / "portal-keys"
    settings.KEYBACK_BROKER = BOX
    write_portal_key(PORTAL)
    made = FakeWorker(tmp_path, clock=WallClock(), ceiling=ceiling)
    the_box.cache_clear()
    the_box().connect(made)
    pair(made.enrolment())
    yield made
    the_box.cache_clear()
    replace_workers()
    made.state.close()


def sign_in_as_admin(username: str = "erin") -> Client:
    """Make a local admin and return their browser, signed in."""
    password = "A-long-pass-phrase-77"
    device = create_admin(username=username, password=password)
    client = Client(raise_request_exception=False)
    fields = {"username": username, "password": password, "otp_token": f"{totp(device.bin_key):06}"}
    assert client.post("/admin/login/", fields).status_code == 302
    return client


@pytest.fixture
def browser() -> Browser:
    """A browser with no cookie yet."""
    return Browser(Client(enforce_csrf_checks=False, raise_request_exception=False))
