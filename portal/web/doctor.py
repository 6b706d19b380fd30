"""The doctor's checks of this host: settings, database, static files."""

import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core import checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from portal import env
from writeback.envelope.findings import Finding, failure, ok, warning

ENVIRONMENT = "/etc/keyback/portal.env"
MANIFEST = "staticfiles.json"
# Django's warnings about pages without TLS: no HSTS, no redirection, cookies sent in clear.
_OF_TLS = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})


def settings_checks() -> Iterator[Finding]:
    """Check for unknown settings, for settings that are for a demo only, and what Django itself finds."""
    found = [*_check_names(), *_check_open_doors(), *_check_hosts(), *_check_django()]
    yield from found or [ok("settings.value", "the settings are read, and none is for a demo only")]


def _check_names() -> Iterator[Finding]:
    for name, near in env.find_unknown().items():
        meant = f"; did you mean {near}?" if near else ""
        says = f"{name} is the name of no setting, so it changes nothing{meant}"
        yield warning("settings.name", says, f"correct or remove it in {ENVIRONMENT}")


def _check_open_doors() -> Iterator[Finding]:
    if settings.DEBUG:
        yield failure(
            "settings.debug", "DEBUG is on: errors show settings and code to everybody", "turn it off"
        )
    for is_on, name, says, mend in (
        (
            settings.INSECURE_HTTP,
            "KEYBACK_INSECURE_HTTP",
            "pages and passwords travel without TLS",
            "remove KEYBACK_INSECURE_HTTP and put a proxy with TLS in front",
        ),
        (
            settings.LOG_LEVEL == "DEBUG",
            "KEYBACK_LOG_LEVEL",
            "the log at DEBUG holds more than it should",
            "KEYBACK_LOG_LEVEL=INFO",
        ),
        (
            not settings.KEYBACK_FLOOR,
            "KEYBACK_FLOOR_MS",
            "answers can tell people apart by their timing",
            "KEYBACK_FLOOR_MS=250",
        ),
        (
            not settings.KEYBACK_CONTACT,
            "KEYBACK_CONTACT",
            "no page says whom to ask for help",
            'KEYBACK_CONTACT="the helpdesk, 1234"',
        ),
        (
            not settings.KEYBACK_PROXIES and not settings.INSECURE_HTTP,
            "KEYBACK_PROXIES",
            "it is 0: behind a proxy all visitors are one, and each is sent to https without end",
            "KEYBACK_PROXIES=1, or as many as stand in front",
        ),
    ):
        if is_on:
            check = name.removeprefix("KEYBACK_").lower().replace("_", "-")
            mends = f"in {ENVIRONMENT}: {mend}; then systemctl restart keyback-portal"
            yield warning(f"settings.{check}", f"{name}: {says}", mends)


def _check_hosts() -> Iterator[Finding]:
    here = {"localhost", "127.0.0.1", "[::1]"}
    for host in settings.ALLOWED_HOSTS:
        if host.startswith("."):
            says = f"KEYBACK_HOSTS takes every name that ends in {host}"
            yield warning("settings.hosts", says, f"name the hosts one by one in {ENVIRONMENT}")
    if set(settings.ALLOWED_HOSTS) <= here and not settings.INSECURE_HTTP:
        yield failure(
            "settings.hosts",
            "KEYBACK_HOSTS names this machine only: browsers elsewhere are refused",
            f"name what stands in the browser's address bar in {ENVIRONMENT}",
        )


def _check_django() -> Iterator[Finding]:
    expected = _OF_TLS if settings.INSECURE_HTTP else frozenset[str]()
    for message in checks.run_checks(include_deployment_checks=True):
        if message.is_silenced() or message.level < checks.WARNING or message.id in expected:
            continue
        level = failure if message.level >= checks.ERROR else warning
        mend = message.hint or "see https://docs.djangoproject.com/en/5.2/ref/checks/"
        yield level("settings.check", f"{message.id}: {str(message.msg).removesuffix('.')}", mend)


def database_checks() -> Iterator[Finding]:
    """Check that the database answers and has the tables of this version."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield failure(
            "database.reached",
            f"the database ({connection.vendor}) can't be used",
            "see whether it runs, its address in DATABASE_URL, and who owns KEYBACK_DATA",
        )
        return
    yield ok("database.reached", f"the database ({connection.vendor}) answers")
    if missing:
        says = f"the database lacks {len(missing)} migrations of this version"
        yield failure("database.migrations", says, "keyback-manage migrate")
    else:
        yield ok("database.migrations", "the database has the tables of this version")
    if connection.vendor == "sqlite":
        yield from _check_private(Path(connection.settings_dict["NAME"]).parent)


def _check_private(folder: Path) -> Iterator[Finding]:
    mode = folder.stat().st_mode
    if mode & 0o007:
        says = f"others on this machine may look into {folder}, which holds the database"
        yield warning("database.folder", says, f"chmod 0700 {folder}")


def static_checks() -> Iterator[Finding]:
    """Check that all static files of this version were collected."""
    path = Path(settings.STATIC_ROOT) / MANIFEST
    try:
        collected = json.loads(path.read_text(encoding="utf-8"))["paths"]
    except (OSError, ValueError, KeyError):
        collected = {}
    missing = sorted(name for finder in get_finders() for name, _ in finder.list([]) if name not in collected)
    if missing:
        says = f"{len(missing)} static files were not collected, such as {missing[0]}"
        yield failure("static.collected", says, "keyback-manage collectstatic --no-input")
    else:
        yield ok("static.collected", f"{len(collected)} static files are collected")
