"""The portal's doctor at the border: Redis and its account, the pairing, workers, the audit, the timer."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab.certificates import LIFE
from portal.audit import triggers
from portal.audit.doctor import audit_checks
from portal.audit.flows import record
from portal.dispatch.doctor import pairing_checks, trouble_checks
from portal.dispatch.flows import unpair
from portal.dispatch.models import Site
from portal.dispatch.post_box_doctor import redis_checks
from portal.selfservice.doctor import examine, tick_checks
from portal.selfservice.models import BackgroundWork
from tests.portal.dispatch.played import Stage
from writeback.envelope.answers import DirectoryState
from writeback.envelope.findings import Finding, Level
from writeback.envelope.heartbeats import CourierStatus, DirectoryStatus


def wrong(found: Iterable[Finding]) -> list[tuple[str, Level]]:
    told = list(found)
    assert told, "a check that looks says what it saw"
    assert all(bool(one.mend) == (one.level is not Level.OK) for one in told)
    assert not [one.says for one in told if one.says.endswith(".")]
    return [(one.check, one.level) for one in told if one.level is not Level.OK]


def says(found: Iterable[Finding], check: str) -> str:
    return next(one.says for one in found if one.check == check)


@pytest.mark.usefixtures("redis_settings")
def test_a_healthy_redis_has_no_findings(redis_server: RedisServer) -> None:
    assert wrong(redis_checks()) == []
    assert f"Redis at {redis_server.address}:{redis_server.port} answers" in says(
        redis_checks(), "redis.reached"
    )


@pytest.fixture
def account(redis_server: RedisServer, redis_settings: None) -> Iterator[Callable[..., None]]:
    """Change an account of Redis; the portal's is as it was after the test."""
    with redis_server.client() as admin:
        (before,) = [line for line in admin.acl_list() if line.startswith("user portal ")]

        def change(user: str, *rules: str) -> None:
            admin.execute_command("ACL", "SETUSER", user, *rules)

        yield change
        admin.execute_command("ACL", "SETUSER", *before.split(" ")[1:2], "reset", *before.split(" ")[2:])
        admin.execute_command("ACL", "SETUSER", "default", "reset", "off")


@pytest.mark.parametrize("command", ["PING", "GET", "LPUSH", "BLPOP"])
def test_an_account_without_a_needed_command_is_a_finding(account: Callable[..., None], command: str) -> None:
    needed = {"PING": "+ping", "GET": "+get", "LPUSH": "+lpush", "BLPOP": "+blpop"}
    given = [rule for name, rule in needed.items() if name != command]
    account("portal", "clearselectors", "nocommands", "+hello", "+auth", "+multi", "~*", *given)
    found = list(redis_checks())
    if command == "PING":
        assert wrong(found) == [("redis.reached", Level.FAILURE)]
    else:
        assert ("redis.commands", Level.FAILURE) in wrong(found)
        assert f"does not let the portal's account do {command}" in says(found, "redis.commands")


def test_an_account_with_needless_commands_is_a_finding(account: Callable[..., None]) -> None:
    account("portal", "~*", "+brpop", "+set", "+keys")
    found = list(redis_checks())
    assert wrong(found) == [("redis.bounds", Level.FAILURE)]
    assert says(found, "redis.bounds").endswith("list all keys, take jobs out of queues, write heartbeats")


def test_looking_at_the_account_writes_nothing(
    account: Callable[..., None], redis_server: RedisServer
) -> None:
    account("portal", "~*", "+@all")
    with redis_server.client() as admin:
        before = sorted(admin.keys())
        assert ("redis.bounds", Level.FAILURE) in wrong(redis_checks())
        assert sorted(admin.keys()) == before


def test_an_open_redis_is_a_finding(account: Callable[..., None]) -> None:
    account("default", "on", "nopass", "+ping", "+hello")
    assert wrong(redis_checks()) == [("redis.default-user", Level.FAILURE)]


@pytest.mark.usefixtures("redis_settings")
def test_the_remaining_days_of_the_certificate_are_reported() -> None:
    assert f"expires in {LIFE.days - 1} days" in says(redis_checks(), "redis.certificate")


@pytest.mark.usefixtures("redis_settings")
def test_an_unreachable_or_refusing_redis_is_a_finding(settings: Settings) -> None:
    right = str(settings.KEYBACK_REDIS_URL)
    for address, told in (
        (right.replace("@", "x@"), "refuses this user"),
        ("redis://127.0.0.1:1/0", "can't be reached"),
    ):
        settings.KEYBACK_REDIS_URL = address
        found = list(redis_checks())
        assert wrong(found) == [("redis.reached", Level.FAILURE)]
        assert told in says(found, "redis.reached")


def test_a_paired_portal_with_a_living_worker_has_no_findings(stage: Stage) -> None:
    assert wrong(pairing_checks()) == []
    assert wrong(trouble_checks()) == []


def test_a_missing_key_or_site_is_a_finding(stage: Stage, settings: Settings, tmp_path: Path) -> None:
    settings.KEYBACK_KEYS = tmp_path / "none"
    stage.restart_portal()
    assert wrong(pairing_checks()) == [("pairing.key", Level.FAILURE)]
    unpair("main")
    assert wrong(pairing_checks()) == [("pairing.key", Level.FAILURE)]
    assert wrong(trouble_checks()) == [("pairing.site", Level.FAILURE)]


def test_two_active_sites_are_a_finding(stage: Stage) -> None:
    first = Site.objects.get()
    Site.objects.create(name="branch", identity=first.identity, workers=["w1"], directories=["other"])
    assert ("pairing.site", Level.FAILURE) in wrong(trouble_checks())


def test_a_silent_worker_is_a_failure_or_a_warning_if_another_lives(stage: Stage) -> None:
    Site.objects.update(workers=["w1", "w2"])
    assert wrong(trouble_checks()) == [("worker.alive", Level.WARNING)]
    stage.box.beats.clear()
    stage.restart_portal()
    assert wrong(trouble_checks()) == [("worker.alive", Level.FAILURE)] * 2


@pytest.mark.parametrize(
    ("said", "level", "told"),
    [
        ({"state": DirectoryState.DEGRADED}, Level.WARNING, "The directory corp is degraded"),
        ({"state": DirectoryState.DOWN}, Level.FAILURE, "The directory corp is down"),
        (
            {"couriers": (CourierStatus(courier="mail", up=False),)},
            Level.FAILURE,
            "the courier mail is down",
        ),
        (
            {"couriers": (CourierStatus(courier="clockwork", up=False),)},
            Level.FAILURE,
            "the courier clockwork is down",
        ),
    ],
)
def test_the_parts_that_a_worker_reports_become_findings(
    stage: Stage, said: dict[str, Any], level: Level, told: str
) -> None:
    stage.beat(**said)
    found = list(trouble_checks())
    assert wrong(found) == [("worker.parts", level)]
    assert told in says(found, "worker.parts")


def test_a_heartbeat_with_unpinned_contents_is_an_alarm(stage: Stage) -> None:
    stage.beat(directories=(DirectoryStatus(directory="head-office", state=DirectoryState.UP),))
    assert ("worker.alarm", Level.FAILURE) in wrong(trouble_checks())


def test_a_clock_that_is_ahead_is_a_finding(stage: Stage) -> None:
    stage.beat(age=-30)
    assert wrong(trouble_checks()) == [("worker.clock", Level.WARNING)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE audit_event SET reference = 'X' WHERE number = 3", "Event 3 was changed"),
        ("UPDATE audit_event SET facts = '{}' WHERE number = 2", "Event 2 was changed"),
        ("DELETE FROM audit_event WHERE number = 2", "Event 2 is missing"),
        ("DELETE FROM audit_event WHERE number = 1", "Event 1 is missing"),
        ("DELETE FROM audit_event WHERE number = 3", "The chain ends at 2, but 3 were written"),
        ("DELETE FROM audit_event", "All events are missing"),
    ],
)
def test_a_changed_or_cut_audit_is_a_finding(harm: str, told: str) -> None:
    for number in range(3):
        record("test", number=number)
    assert wrong(audit_checks()) == []
    triggers.drop(connection)  # whoever does this may change the schema
    with connection.cursor() as cursor:
        cursor.execute(harm)
    assert wrong(audit_checks()) == [("audit.chain", Level.FAILURE)]
    assert says(audit_checks(), "audit.chain") == told


@pytest.mark.django_db
def test_missing_or_overdue_background_work_is_a_finding(stage: Stage) -> None:
    assert wrong(tick_checks()) == [("tick.done", Level.WARNING)]
    call_command("tick")
    assert wrong(tick_checks()) == []
    BackgroundWork.objects.update(done_at=timezone.now() - timedelta(hours=2))
    assert wrong(tick_checks()) == [("tick.done", Level.FAILURE)]


@pytest.mark.usefixtures("redis_settings")
def test_a_healthy_portal_has_findings_only_for_test_settings(stage: Stage) -> None:
    call_command("tick")
    groups = {one.group for one in examine() if one.level is Level.FAILURE}
    assert groups <= {"settings", "static"}
    assert {one.group for one in examine()} == {
        *("settings", "database", "static", "redis", "pairing", "worker", "audit", "tick")
    }
