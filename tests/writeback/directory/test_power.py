"""Nobody is served with a service account that is an administrator: whoever holds the worker would be one."""

from pathlib import Path

import pytest

from deploy.dev.demo.redis import RedisServer
from tests.architecture.sources import ROOT
from tests.fakes.certificates import any_authority
from tests.fakes.descriptors import binary_sid
from tests.fakes.ldap_server import GUID, SERVICE, LdapServer
from writeback.broker import PostBox
from writeback.ceiling.protected import BUILTIN, OF_DOMAINS, powers, protections_of
from writeback.config import RedisConfig
from writeback.directory import pool
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import DirectoryState
from writeback.envelope.secret import Secret
from writeback.ports import DirectoryAway
from writeback.starting import TRY_AGAIN, reasons_not_to_start

DOMAIN = "S-1-5-21-1-2-3"
POWERFUL = {
    **BUILTIN,
    **{f"{DOMAIN}-{rid}": name for rid, name in OF_DOMAINS.items() if name != "Protected Users"},
}


@pytest.mark.parametrize(("group", "name"), POWERFUL.items())
def test_a_service_account_with_power_serves_nobody(
    directory: ActiveDirectory, server: LdapServer, group: str, name: str
) -> None:
    server.root["tokenGroups"] = [binary_sid(SERVICE), binary_sid(group)]

    with pytest.raises(DirectoryAway, match=f"svc@corp.example is one of: {name}; with such rights nobody"):
        directory.read(GUID)
    health = directory.health()
    assert health.state is DirectoryState.DOWN
    assert "take it out of these groups" in health.detail
    assert f"is one of: {name}" in directory.excess_rights()


def test_a_worker_does_not_start_with_it(directory: ActiveDirectory, server: LdapServer) -> None:
    server.root["tokenGroups"] = [binary_sid(SERVICE), binary_sid(f"{DOMAIN}-512")]
    redis = RedisConfig(url="redis://127.0.0.1:1/0", username="w1", password=Secret("x"))

    against = reasons_not_to_start(PostBox(redis), redis, [directory])
    (told,) = against.sentences
    assert "svc@corp.example is one of: Domain Admins; with such rights nobody is served" in told
    unit = (ROOT / "deploy/systemd/keyback-writeback.service").read_text(encoding="utf-8")
    assert f"\nRestartPreventExitStatus={against.exit_status}\n" in unit


def test_a_worker_stopped_by_redis_does_not_sign_in_to_the_directory(
    directory: ActiveDirectory, server: LdapServer, redis_server: RedisServer, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_bytes(any_authority())
    other = RedisConfig(
        url=redis_server.url, username="w1", password=Secret("x"), ca_file=tmp_path / "other.pem"
    )

    against = reasons_not_to_start(PostBox(other), other, [directory])
    assert against.exit_status == TRY_AGAIN
    assert len(against.sentences) == 1
    assert server.received.binds == []


def test_an_ordinary_service_account_may_be_a_protected_user(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    server.root["tokenGroups"] = [binary_sid(SERVICE), binary_sid(f"{DOMAIN}-525")]

    assert directory.read(GUID) is not None
    assert directory.excess_rights() == ""


def test_power_that_comes_later_ends_the_service_and_its_end_brings_it_back(
    directory: ActiveDirectory, server: LdapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LEARN_EVERY", 0)
    assert directory.read(GUID) is not None
    server.root["tokenGroups"] = [binary_sid(SERVICE), binary_sid(f"{DOMAIN}-512")]
    with pytest.raises(DirectoryAway, match="Domain Admins"):
        directory.read(GUID)
    server.root["tokenGroups"] = [binary_sid(SERVICE)]

    assert directory.read(GUID) is not None
    assert directory.excess_rights() == ""


def test_people_in_protected_users_stay_protected() -> None:
    assert protections_of([f"{DOMAIN}-525", f"{DOMAIN}-513"]) == ("Protected Users",)
    assert powers([f"{DOMAIN}-525", f"{DOMAIN}-513"]) == ()
