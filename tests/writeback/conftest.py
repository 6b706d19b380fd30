"""A worker whose memory is real, and whose directory and time are in a test's hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.worker import FakeWorker, Registered, register


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[FakeWorker]:
    made = FakeWorker(tmp_path)
    yield made
    made.state.close()


@pytest.fixture
def alice(worker: FakeWorker) -> Registered:
    """Registered through the handlers: mail and app, past the cool-down."""
    return register(worker)
