"""A worker whose memory is real, and whose directory and time are in a test's hand.

Tests marked `race` run on SQLite and on PostgreSQL, the others on SQLite; with KEYBACK_TEST_POSTGRES=yes all
run on both. PostgreSQL's tables are emptied before each test.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from deploy.dev.demo.postgres import PostgresServer
from tests.fakes.worker import FakeWorker, Registered, register
from writeback.envelope.secret import Secret
from writeback.state import State
from writeback.state.tables import metadata

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
EVERYTHING = os.environ.get("KEYBACK_TEST_POSTGRES") == "yes"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say on which databases a test runs that takes `state_url`."""
    if "state_url" in metafunc.fixturenames:
        both = EVERYTHING or metafunc.definition.get_closest_marker("race")
        metafunc.parametrize("state_url", ["sqlite", POSTGRES] if both else ["sqlite"], indirect=True)


@pytest.fixture(scope="session")
def state_database(postgres: PostgresServer) -> str:
    """The address of a PostgreSQL database for states."""
    return postgres.make_database("state")


@pytest.fixture
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty state."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    url: str = request.getfixturevalue("state_database")
    empty(url)
    return url


@pytest.fixture
def worker(state_url: str, tmp_path: Path) -> Iterator[FakeWorker]:
    made = FakeWorker(tmp_path, url=state_url)
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
