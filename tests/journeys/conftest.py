"""The whole product for the journeys: real AD, Redis, mail, worker and web server, and people who use it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from deploy.dev.demo.configuration import NO_WAITING
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from tests.journeys.rig import LIMITS
from tests.journeys.visitor import Visitor
from tests.redis_of_tests import running_redis

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="package")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for the journeys alone: other tests have workers of the same name in that of the session."""
    with running_redis(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="package")
def product(
    lab: Lab, redis_server: RedisServer, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """Portal and worker as they run in production, paired."""
    home = tmp_path_factory.mktemp("product")
    made = Product(home, lab=lab, redis=redis_server, mailbox=mailbox, limits=LIMITS, environment=NO_WAITING)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def visitor(product: Product, lab: Lab, mailbox: Mailbox) -> NewVisitor:
    """Return somebody with a fresh account, a browser, a mailbox and an authenticator app."""

    def make(*, registered: bool = True, **account: Any) -> Visitor:
        somebody = Visitor(product.base, lab.add_person(**account), mailbox)
        if registered:
            somebody.register()
        return somebody

    return make
