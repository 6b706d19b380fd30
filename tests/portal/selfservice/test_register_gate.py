"""Where the worker asks for two proofs before the ways are changed, the pages lead through both."""

from dataclasses import replace

import pytest

from tests.fakes.worker import FakeWorker, open_ceiling
from tests.portal.walk import OLD, Browser, prove
from writeback.ceiling import Ceiling, Gate
from writeback.envelope.jobs import Operation


@pytest.fixture
def ceiling() -> Ceiling:
    """A worker that asks for two."""
    usual = open_ceiling()
    return replace(
        usual, gates={**usual.gates, Operation.REGISTER: Gate(methods_needed=2, families_needed=2)}
    )


def test_changing_ways_asks_for_as_many_proofs_as_the_worker_requires(
    worker: FakeWorker, browser: Browser, seed: str
) -> None:
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    assert browser.url.endswith("/prove/")
    assert "Now prove it in one more way" in browser.text
    browser.post("/register/add/backup-codes/")
    assert "codes" not in browser.response.context["form"].fields
    browser.get("/register/step-up/")
    prove(browser, worker, "email")
    assert browser.url == "/register/", browser.text
    assert "What you can add" in browser.text
