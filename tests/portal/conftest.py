"""The portal with a real worker core in the same process, and a browser to walk its pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django_otp.oath import totp
from pytest_django.fixtures import Settings

from portal.dispatch.flows import pair
from portal.dispatch.keys import make_portal_key
from portal.dispatch.workers import replace_workers
from portal.staff.flows import create_admin
from tests.fakes.loop import LoopBroker, LoopWorker, WallClock, open_ceiling
from tests.portal.walk import Browser
from writeback.ceiling import Ceiling
from writeback.envelope.pairing import write_portal_enrolment
from writeback.vault import Vault


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vault, Path]:
    """Keys of a site and of the portal, paired; the folder of the portal's."""
    home = tmp_path_factory.mktemp("keys")
    vault = Vault(home / "keys", home / "run", home / "portal.txt", WallClock().now)
    vault.create()
    return vault, home / "portal"


@pytest.fixture
def ceiling() -> Ceiling:
    """The worker's policy; a file of tests may have another."""
    return open_ceiling()


@pytest.fixture
def worker(
    transactional_db: None, settings: Settings, tmp_path: Path, keys: tuple[Vault, Path], ceiling: Ceiling
) -> Iterator[LoopWorker]:
    """One worker, paired and alive."""
    vault, folder = keys
    settings.KEYBACK_KEYS = folder
    settings.KEYBACK_BROKER = "tests.fakes.loop.LoopBroker"
    if not (folder / "portal.key").exists():
        vault.pin_portal(write_portal_enrolment(make_portal_key()))
    replace_workers()
    made = LoopWorker(vault, tmp_path, ceiling)
    LoopBroker.reset(made)
    pair(made.enrolment())
    yield made
    LoopBroker.reset(None)
    replace_workers()


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
