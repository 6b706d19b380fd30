"""A portal that is paired with a live worker, or with a worker that the test plays."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from deploy.dev.demo.redis import RedisServer
from portal.dispatch import flows, keys
from portal.dispatch.workers import replace_workers
from tests.envelope.examples import enrolment
from tests.envelope.keys import SITE
from tests.fakes.post_box import BOX, the_box
from tests.portal.dispatch.played import PlayedWorker, Stage
from tests.writeback.border.live import LiveWorker
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import SiteEnrolment


@pytest.fixture
def portal_key(settings: Settings, tmp_path: Path) -> Iterator[SigningKey]:
    """P-sig in a file of its own; this process forgets it afterwards."""
    settings.KEYBACK_KEYS = tmp_path / "portal-keys"
    replace_workers()
    yield keys.make_portal_key()
    replace_workers()


@pytest.fixture
def redis_settings(settings: Settings, redis_server: RedisServer) -> None:
    """The settings of a portal with its own, narrow account."""
    login = redis_server.portal
    settings.KEYBACK_REDIS_URL = redis_server.url.replace("://", f"://{login.username}:{login.password}@")
    settings.KEYBACK_REDIS_CA = str(redis_server.ca_file)


@pytest.fixture(scope="session")
def live(redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveWorker]:
    """A worker process that all tests of this folder share."""
    worker = LiveWorker(tmp_path_factory.mktemp("dispatch") / "home", redis_server)
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def paired(
    transactional_db: None,
    settings: Settings,
    tmp_path: Path,
    redis_settings: None,
    live: LiveWorker,
) -> Iterator[LiveWorker]:
    """The portal and the live worker, paired."""
    settings.KEYBACK_KEYS = tmp_path / "portal-keys"
    keys.write_portal_key(live.portal)
    flows.pair(enrolment_of(live))
    yield live
    replace_workers()


@pytest.fixture
def stage(transactional_db: None, settings: Settings, portal_key: SigningKey) -> Iterator[Stage]:
    """A portal that is paired with a worker of the site `main` that the test plays."""
    settings.KEYBACK_BROKER = BOX
    the_box.cache_clear()
    flows.pair(enrolment(SITE.public.raw))
    box = the_box()
    worker = PlayedWorker(portal=portal_key.public, now=time.time)
    box.on_send = worker.do
    made = Stage(box, worker)
    made.beat()
    yield made
    replace_workers()


def enrolment_of(worker: LiveWorker, *names: str) -> SiteEnrolment:
    """Return what the worker's admin would hand over; `names` are those of all workers of the site."""
    return SiteEnrolment(
        identity=worker.vault.identity().public.raw,
        site="main",
        redis=worker.server.url,
        workers=names or (worker.name,),
        directories=("corp",),
        state=worker.beat().state,
    )
