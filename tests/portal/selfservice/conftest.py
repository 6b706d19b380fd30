"""Alice, who is registered."""

import pytest

from tests.fakes.directory import Person
from tests.fakes.worker import FakeWorker
from tests.portal.walk import Browser, register


@pytest.fixture
def seed(worker: FakeWorker, browser: Browser) -> str:
    """Register alice through the pages: mail and an app; return the app's seed."""
    worker.corp.add("alice")
    return register(browser, worker)


@pytest.fixture
def alice(worker: FakeWorker, seed: str) -> Person:
    """What the directory keeps of alice."""
    return next(person for person in worker.corp.people.values() if person.account.name == "alice")
