"""One worker process for the tests of a file."""

from collections.abc import Iterator

import pytest

from deploy.demo.redis import RedisServer
from tests.writeback.border.live import LiveWorker


@pytest.fixture(scope="module")
def worker(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorker]:
    """A live worker of its own home, ready for jobs."""
    live = LiveWorker(tmp_path_factory.mktemp("worker") / "home", redis_server)
    live.start()
    yield live
    live.stop()
