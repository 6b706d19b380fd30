"""A worker whose memory is real, and whose directory and time are in a test's hand.

With KEYBACK_TEST_POSTGRES=postgresql://user@host/database, everything runs on that server too; its tables are
emptied before each test.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from tests.fakes.worker import FakeWorker, Registered, register
from writeback.envelope.secret import Secret
from writeback.state import State
from writeback.state.tables import metadata

STATES = {"sqlite": "", "postgres": os.environ.get("KEYBACK_TEST_POSTGRES", "")}


@pytest.fixture(params=[name for name, url in STATES.items() if url or name == "sqlite"])
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeWorker]:
    url = STATES[request.param]
    if url:
        empty(url)
    made = FakeWorker(tmp_path, url=url)
    yield made
    made.state.close()


def empty(url: str) -> None:
    """Delete all but the version."""
    state = State(Secret(url))
    with state.writing() as tx:
        for table in metadata.sorted_tables:
            if table.name != "meta":
                tx.execute(delete(table))
    state.close()


@pytest.fixture
def alice(worker: FakeWorker) -> Registered:
    """Registered through the handlers: mail and app, past the cool-down."""
    return register(worker)
