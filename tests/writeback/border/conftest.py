"""One worker process for the tests of a file, and a Redis that no other worker of that name listens to."""

from collections.abc import Iterator

import pytest

from deploy.dev.demo.redis import RedisServer
from tests.redis_of_tests import running_redis
from tests.writeback.border.live import LiveWorker


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for this file alone: in that of the session a product's worker may take the jobs."""
    with running_redis(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="module")
def worker(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorker]:
    """A live worker of its own home, ready for jobs."""
    live = LiveWorker(tmp_path_factory.mktemp("worker") / "home", redis_server)
    live.start()
    yield live
    live.stop()
