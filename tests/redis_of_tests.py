"""A real Redis: whoever has workers needs one of their own, since all workers of tests are called `w1`."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab.certificates import Authority


@contextmanager
def running_redis(folders: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Run one with TLS, the accounts of site `main` with workers `w1` and `w2`, and one for the attacker."""
    home = folders.mktemp("redis")
    server = RedisServer(home, workers=("w1", "w2"), authority=Authority.create(home), admin=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()
