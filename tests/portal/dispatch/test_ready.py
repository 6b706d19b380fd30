"""/healthz and /readyz: cheap, without session or cookie, and of no use to a stranger."""

from typing import NoReturn

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from pytest_django.fixtures import Settings

from portal.dispatch import flows
from portal.dispatch.ready import FRESH, Missing, Readiness
from portal.dispatch.workers import replace_workers
from tests.fakes.clock import FakeClock
from tests.portal.dispatch.played import Stage


def look(address: str, **options: str) -> tuple[int, str]:
    response = Client(raise_request_exception=False, headers=options).get(address)
    assert response["Content-Type"] == "text/plain"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    return response.status_code, response.content.decode()


def test_a_portal_whose_worker_lives_is_ready(stage: Stage) -> None:
    assert look("/readyz") == (200, "ok\n")
    assert look("/healthz") == (200, "ok\n")
    assert Session.objects.count() == 0


def test_each_missing_part_is_named_in_one_word(stage: Stage) -> None:
    stage.box.beats.clear()
    assert look("/readyz") == (503, "worker\n")
    stage.box.away = True
    assert look("/readyz") == (503, "redis\n")
    assert look("/healthz") == (200, "ok\n")


def test_a_site_that_is_not_paired_or_without_the_portals_key_is_missing_its_worker(
    stage: Stage, settings: Settings, tmp_path: object
) -> None:
    settings.KEYBACK_KEYS = f"{tmp_path}/none"
    stage.restart_portal()
    assert look("/readyz") == (503, "worker\n")
    flows.unpair("main")
    assert look("/readyz") == (503, "worker\n")


@pytest.mark.parametrize("trouble", [OperationalError("hush"), ProgrammingError("no such table: hush")])
def test_a_database_that_is_away_is_named_and_does_not_matter_to_the_process(
    stage: Stage, trouble: Exception
) -> None:
    def gone(*_: object) -> NoReturn:
        raise trouble

    with connection.execute_wrapper(gone):
        assert look("/readyz") == (503, "database\n")
        assert look("/healthz") == (200, "ok\n")


def test_a_database_without_tables_is_named(stage: Stage) -> None:
    def bare(execute: object, sql: str, *rest: object) -> object:
        if "dispatch_site" in sql:
            raise ProgrammingError("no such table")
        assert callable(execute)
        return execute(sql, *rest)

    replace_workers()
    with connection.execute_wrapper(bare):
        assert look("/readyz") == (503, "database\n")


def test_no_host_name_and_no_scheme_is_asked_for(stage: Stage, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["reset.corp.example"]
    assert look("/readyz", host="10.0.0.7:8000")[0] == 200
    assert look("/healthz", host="10.0.0.7:8000")[0] == 200


@pytest.mark.parametrize("address", ["/healthz/", "/readyz/", "/readyz/x"])
def test_no_other_address_is_a_probe(stage: Stage, address: str) -> None:
    assert Client(raise_request_exception=False).get(address).status_code == 404


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_probe_touches_nothing_else(stage: Stage, address: str) -> None:
    client = Client(raise_request_exception=False)
    assert client.head(address).status_code == 200
    assert client.post(address, "", content_type="application/x-www-form-urlencoded").status_code == 404


def test_the_parts_are_checked_once_a_second_however_many_ask(stage: Stage) -> None:
    clock = FakeClock(0)
    readiness = Readiness(clock.monotonic)
    assert readiness.missing() == ()
    reads = stage.box.reads
    stage.box.away = True
    assert [readiness.missing() for _ in range(50)] == [()] * 50
    assert stage.box.reads == reads
    clock.move(FRESH)
    assert readiness.missing() == (Missing.REDIS,)


def test_while_one_check_hangs_other_probes_get_the_last_result(stage: Stage) -> None:
    clock = FakeClock(0)
    readiness = Readiness(clock.monotonic)
    stage.box.away = True
    assert readiness.missing() == (Missing.REDIS,)
    clock.move(FRESH)
    told: list[tuple[Missing, ...]] = []

    def others_ask() -> None:
        stage.box.on_read, stage.box.away = lambda: None, False
        told.append(readiness.missing())

    stage.box.on_read = others_ask
    assert readiness.missing() == ()
    assert told == [(Missing.REDIS,)]
