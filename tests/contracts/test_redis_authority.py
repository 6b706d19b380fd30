"""Portal and worker trust the authority that they were given, and no other."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
from pytest_django.fixtures import Settings

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab.certificates import Authority
from portal.dispatch.broker import BrokerAway, RedisBroker
from writeback.config import RedisConfig
from writeback.envelope import tls
from writeback.envelope.secret import Secret
from writeback.envelope.tls import shared_context
from writeback.strict_redis import strict_client

Reaches = Callable[[RedisServer, Path | None, Settings], bool]


def portal_reaches(server: RedisServer, authority: Path | None, settings: Settings) -> bool:
    login = server.portal
    settings.KEYBACK_REDIS_URL = server.url.replace("://", f"://{login.username}:{login.password}@")
    settings.KEYBACK_REDIS_CA = str(authority or "")
    try:
        return RedisBroker().heartbeats([("main", "nobody")]) == [None]
    except BrokerAway:
        return False


def worker_reaches(server: RedisServer, authority: Path | None, settings: Settings) -> bool:
    try:
        return bool(strict_client(config_of(server, authority)).ping())
    except redis.RedisError:
        return False


def config_of(server: RedisServer, authority: Path | None) -> RedisConfig:
    login = server.workers["w1"]
    return RedisConfig(
        url=server.url, username=login.username, password=Secret(login.password), ca_file=authority
    )


@pytest.mark.parametrize("reaches", [portal_reaches, worker_reaches])
def test_with_a_named_authority_the_systems_authorities_are_not_trusted(
    redis_server: RedisServer,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reaches: Reaches,
) -> None:
    ours = Authority.create(tmp_path)
    tls._load_context.cache_clear()  # an earlier test may have read the authorities of the real system
    monkeypatch.setenv("SSL_CERT_FILE", str(redis_server.ca_file))
    assert reaches(redis_server, None, settings)
    assert not reaches(redis_server, ours.ca_file, settings)
    assert reaches(redis_server, redis_server.ca_file, settings)


def test_a_tls_context_is_made_once_for_each_file(tmp_path: Path) -> None:
    first = Authority.create(tmp_path).ca_file
    assert shared_context(str(first)) is shared_context(str(first))
    before = shared_context(str(first))
    os.utime(first, ns=(1, 1))
    assert shared_context(str(first)) is not before


def test_a_missing_file_of_authorities_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        shared_context(str(tmp_path / "gone.pem"))
