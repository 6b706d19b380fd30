"""What every test may ask for: a real Active Directory, Redis, PostgreSQL and mail server."""

import os
import shutil
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab, TakenError
from portal.audit import triggers
from tests.journeys.rig import Rig
from tests.needs import Watch, mark
from tests.redis_of_tests import running_redis

HERE = Path(__file__).resolve().parent
VAR = HERE.parent / "var"
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3
"""A file system in memory, and the bytes that must be free there; a whole run needs a quarter of them."""
# Folders whose tests share something that is dear to start: a browser, the product, a forest.
TOGETHER = {"browser", "demo", "journeys", "lab", "setup"}
# Tests that take the product on a bench apart, wherever they lie.
RIG = {"test_crash.py", "test_faults.py", "test_rollover.py", "test_waiting.py", "test_waiting_road.py"}
ALONE = {"test_postgres.py", "test_forests.py"}
# What takes longest, longest first: begun late, the run would wait for it alone.
FIRST = (
    "rig",
    "journeys",
    "tests/writeback/border/test_strange.py",
    "browser",
    "tests/journeys/test_forests.py",
    "demo",
    "lab",
    "tests/writeback/test_intake_faults.py",
)
WATCH = Watch()


def pytest_configure(config: pytest.Config) -> None:
    """Let tests write into memory: on a disk the run waits half of its time for what is never read again."""
    if config.option.basetemp is None and has_room():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def has_room() -> bool:
    """Say whether there is a file system in memory that is large enough for all tests."""
    return MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM


def home_of(what: str, seat: int) -> Path:
    """Return the folder of something that only one run at a time can have with that number."""
    return MEMORY / f"keyback-test-{what}-{seat}" if has_room() else VAR / f"test-{what}-{seat}"


def what_is_shared(nodeid: str) -> str:
    """Return what tests with the same fixtures have in common."""
    _, folder, *rest = nodeid.partition("::")[0].split("/")
    if rest and rest[-1] in RIG:
        return "rig"
    if folder in TOGETHER and not (rest and rest[-1] in ALONE):
        return folder
    return nodeid.partition("::")[0]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test with what it needs, before `-m` chooses."""
    mark(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let no test start what its markers do not name."""
    with WATCH.over(item):
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes share the run, begin with what takes longest, so that they end together."""
    if not hasattr(config, "workerinput"):
        return
    counts = Counter(what_is_shared(item.nodeid) for item in items)
    order = {scope: place for place, scope in enumerate(FIRST)}

    def place(item: pytest.Item) -> tuple[int, int]:
        scope = what_is_shared(item.nodeid)
        return order.get(scope, len(FIRST)), -counts[scope]

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where several processes share the run, keep together what shares its fixtures."""
    config.option.loadscopereorder = False  # the order is that of `pytest_collection_modifyitems`
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = what_is_shared
    return scheduler


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests empty the audit after them; the tests of the audit put its triggers back."""
    with django_db_blocker.unblock():
        triggers.drop(connection, removals_only=True)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The forest CORP.EXAMPLE, fresh from its snapshot; a run beside another one takes the next address."""
    started = _first_free_lab()
    yield started
    started.stop()
    shutil.rmtree(started.home, ignore_errors=True)


@pytest.fixture(scope="session")
def seat(lab: Lab) -> int:
    """A number that no other test run on this machine has at this time, for further addresses and folders."""
    return int(lab.address.rpartition(".")[2])


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for all tests of this process that have no worker beside others of that name."""
    with running_redis(tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL of this process's own; take a database of it with `make_database`."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """A mail server that keeps what it gets; take its `count` before, and wait for mail after that."""
    server = Mailbox()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def shared_rig(lab: Lab, mailbox: Mailbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The whole product with a worker that can be held and killed; take `rig`."""
    made = Rig(tmp_path_factory.mktemp("rig"), lab, mailbox)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def rig(shared_rig: Rig) -> Iterator[Rig]:
    """The product on a bench where each part can be broken; all of it works again for the next test."""
    yield shared_rig
    shared_rig.mend()


def _first_free_lab() -> Lab:
    for number in range(10, 20):
        lab = Lab(home_of("lab", number), f"127.0.20.{number}")
        try:
            lab.start()
        except TakenError:
            continue
        return lab
    raise TakenError("Ten test runs hold their labs on this machine; end one of them.")
