"""The portal's doctor as a command: each thing that is broken on this host is named, with what mends it."""

import ast
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal import env
from portal.selfservice.background import record_run
from portal.selfservice.doctor import tick_checks
from portal.selfservice.models import BackgroundWork
from portal.web.doctor import settings_checks
from tests.portal.test_settings import GOOD, ROOT, start
from writeback.envelope.findings import Level

pytestmark = pytest.mark.slow

WELL = GOOD | {"KEYBACK_CONTACT": "helpdesk@corp.example", "KEYBACK_PROXIES": "1"}

SLUG = re.compile(r"[a-z]+\.[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True)
class Host:
    """A folder of the portal's data, migrated and with its static files."""

    data: Path

    def examine(self, *arguments: str, **changes: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
        """Return the exit status, and by check what is worst: level, sentence and what mends it."""
        ran = start(self.data, "doctor", "--json", *arguments, **(WELL | changes))
        assert "Traceback" not in ran.stderr, ran.stderr
        told: dict[str, Any] = json.loads(ran.stdout)
        assert ran.returncode == ["ok", "warning", "failure"].index(told["level"])
        found = {one["check"]: (one["level"], one["says"], one["mend"]) for one in told["findings"]}
        return ran.returncode, found


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    made = Host(tmp_path_factory.mktemp("portal"))
    made.data.chmod(0o700)
    assert start(made.data, "migrate", "--verbosity", "0").returncode == 0
    assert start(made.data, "collectstatic", "--no-input", "--verbosity", "0").returncode == 0
    return made


def test_a_healthy_host_has_findings_only_for_other_parts(host: Host) -> None:
    status, found = host.examine()
    wrong = {check for check, (level, *_) in found.items() if level != "ok"}
    assert wrong == {"redis.reached", "pairing.key", "pairing.site", "tick.done"}
    assert status == 2
    assert all(mend for level, _, mend in found.values() if level != "ok")
    assert {"settings.value", "database.reached", "database.migrations", "static.collected"} <= found.keys()


@pytest.fixture
def well(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a portal in use, in this process; the environment holds no name of others."""
    for name in env.find_unknown():
        monkeypatch.delenv(name)
    settings.ALLOWED_HOSTS = ["reset.corp.example"]
    settings.KEYBACK_CONTACT, settings.KEYBACK_PROXIES, settings.KEYBACK_FLOOR = "helpdesk", 1, 0.25
    settings.SECURE_SSL_REDIRECT = True
    settings.SECRET_KEY = WELL["KEYBACK_SECRET_KEY"]
    assert [one.level for one in settings_checks()] == [Level.OK]
    return settings


@pytest.mark.parametrize(
    ("name", "value", "check", "says"),
    [
        ("LOG_LEVEL", "DEBUG", "settings.log-level", "holds more than it should"),
        ("KEYBACK_FLOOR", 0.0, "settings.floor-ms", "by their timing"),
        ("KEYBACK_CONTACT", "", "settings.contact", "whom to ask for help"),
        ("KEYBACK_PROXIES", 0, "settings.proxies", "all visitors are one"),
        ("INSECURE_HTTP", True, "settings.insecure-http", "without TLS"),
        ("ALLOWED_HOSTS", [".corp.example"], "settings.hosts", "ends in .corp.example"),
        ("SECURE_SSL_REDIRECT", False, "settings.check", "security.W008"),
    ],
)
def test_each_demo_only_setting_is_a_warning(
    well: Settings, name: str, value: object, check: str, says: str
) -> None:
    setattr(well, name, value)
    (found,) = settings_checks()
    assert (found.check, found.level) == (check, Level.WARNING)
    assert says in found.says
    if name.startswith(("KEYBACK_", "INSECURE", "LOG")):
        assert check.removeprefix("settings.").upper().replace("-", "_") in found.mend


@pytest.mark.parametrize(("name", "value"), [("DEBUG", True), ("ALLOWED_HOSTS", ["localhost"])])
def test_settings_that_lock_everybody_out_or_show_everything_are_failures(
    well: Settings, name: str, value: object
) -> None:
    setattr(well, name, value)
    assert Level.FAILURE in [found.level for found in settings_checks()]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("KEYBACK_HOTS", "; did you mean KEYBACK_HOSTS?"),
        ("KEYBACK_REDIS_URL_FIL", "; did you mean KEYBACK_REDIS_URL_FILE?"),
        ("KEYBACK_ZZZZZ", ""),
    ],
)
def test_an_unknown_setting_is_a_warning_with_the_nearest_name(
    well: Settings, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(name, "hush")
    (found,) = settings_checks()
    assert (found.check, found.level) == ("settings.name", Level.WARNING)
    assert found.says == f"{name} is the name of no setting, so it changes nothing{meant}"


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        ({"KEYBACK_HOSTS": "*"}, "settings.start", "KEYBACK_HOSTS holds '*'"),
        ({"KEYBACK_STATIC": "/no/such/folder"}, "static.collected", "were not collected"),
        (
            {"DATABASE_URL": "postgresql://portal:hush@127.0.0.1:1/portal"},
            "database.reached",
            "the database (postgresql) can't be used",
        ),
    ],
)
def test_a_fault_that_stops_the_portal_is_a_failure(
    host: Host, changes: dict[str, str], check: str, says: str
) -> None:
    _, found = host.examine(**changes)
    assert found[check][0] == "failure"
    assert says in found[check][1]
    assert found[check][2]
    assert "hush" not in str(found)


def test_a_secret_file_that_is_open_to_others_is_a_failure_with_the_line_that_mends_it(
    host: Host, tmp_path: Path
) -> None:
    path = tmp_path / "secret-key"
    path.write_text(secrets.token_urlsafe(60))
    path.chmod(0o644)
    status, found = host.examine(KEYBACK_SECRET_KEY="-", KEYBACK_SECRET_KEY_FILE=str(path))
    assert status == 2
    assert found == {
        "settings.start": (
            "failure",
            f"KEYBACK_SECRET_KEY_FILE is open to others: {path}",
            f"chmod 0600 {path}",
        )
    }


def test_a_portal_key_that_is_open_to_others_is_a_failure(host: Host) -> None:
    assert start(host.data, "portal_key").returncode == 0
    key = host.data / "keys" / "portal.key"
    key.chmod(0o644)
    status, found = host.examine()
    assert (status, found["settings.start"][2]) == (2, f"chmod 600 {key}")
    key.unlink()


def test_a_database_of_another_version_and_an_open_folder_are_findings(tmp_path: Path) -> None:
    bare = Host(tmp_path / "data")
    bare.data.mkdir(mode=0o755)
    _, found = bare.examine()
    assert found["database.migrations"][0] == "failure"
    assert found["database.migrations"][2] == "keyback-manage migrate"
    assert "could not be carried out" not in str(found)
    assert found["database.folder"] == (
        "warning",
        f"others on this machine may look into {bare.data}, which holds the database",
        f"chmod 0700 {bare.data}",
    )


def test_the_doctor_prints_text_for_people(host: Host) -> None:
    ran = start(host.data, "doctor", **WELL)
    assert ran.returncode == 2
    assert "\n  FAIL  " in ran.stdout
    assert "        -> " in ran.stdout
    ran = start(host.data, "doctor", **(WELL | {"KEYBACK_HOSTS": "*"}))
    assert "-> correct it in /etc/keyback/portal.env" in ran.stdout


def test_a_known_warning_can_be_accepted(host: Host) -> None:
    _, found = host.examine("--accept", "settings.contact", KEYBACK_CONTACT="")
    assert found["settings.contact"][0] == "ok"


def test_the_reference_lists_every_check_of_the_portals_doctor_and_no_other() -> None:
    code = [ROOT / "portal" / "env.py", *(ROOT / "portal").rglob("*doctor.py")]
    constants = [node for path in code for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    named = {
        node.value
        for node in constants
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SLUG.fullmatch(node.value)
    }
    # Their names are made of the settings', and each is broken above.
    made = {f"settings.{name}" for name in ("insecure-http", "log-level", "floor-ms")}
    made |= {"settings.contact", "settings.proxies"}
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    table = page.partition("### What the portal's doctor checks")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    others = {"settings.value", "staticfiles.json"}  # said where all is well; a file
    assert listed == (named | made) - others


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "ago"), [(5, "less than a minute ago"), (70, "1 minute ago"), (150, "2 minutes ago")]
)
def test_the_time_since_the_background_work_is_said_in_plain_words(seconds: int, ago: str) -> None:
    record_run()
    BackgroundWork.objects.update(done_at=timezone.now() - timedelta(seconds=seconds))
    (found,) = tick_checks()
    assert found.says == f"the background work was done {ago}"
