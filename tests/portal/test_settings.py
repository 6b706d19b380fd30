"""Wrong settings stop the start with a sentence that names them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import env
from tests.fakes.certificates import any_authority

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "KEYBACK_SECRET_KEY": "".join(chr(65 + number % 26) + str(number) for number in range(40)),
    "KEYBACK_HOSTS": "reset.corp.example",
    "KEYBACK_REDIS_URL": "rediss://box.example:6380/0",
}


def environment_of(data: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a portal with good settings and these changes; `-` takes a name away."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("KEYBACK_", "DATABASE_"))
    }
    environment = {**kept, **GOOD, "KEYBACK_DATA": str(data), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    return {name: value for name, value in {**environment, **changes}.items() if value != "-"}


def start(tmp_path: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment_of(tmp_path, **changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"KEYBACK_SECRET_KEY": "-"},
        {"KEYBACK_SECRET_KEY": "short"},
        {"KEYBACK_SECRET_KEY": "-", "KEYBACK_SECRET_KEY_FILE": "/no/such/file"},
        {"KEYBACK_HOSTS": "-"},
        {"KEYBACK_HOSTS": " , "},
        {"KEYBACK_HOSTS": "*"},
        {"KEYBACK_HOSTS": "reset.corp.example,*"},
        {"KEYBACK_HOSTS": "https://reset.corp.example"},
        {"KEYBACK_HOSTS": "reset.corp.example:443"},
        {"KEYBACK_REDIS_URL": "-"},
        {"KEYBACK_REDIS_URL": "foo"},
        {"KEYBACK_REDIS_URL": "rediss://portal:hush@box.example/0?ssl_cert_reqs=none"},
        {"KEYBACK_REDIS_URL": "rediss://portal:hush@box.example/0#x"},
        {"KEYBACK_REDIS_URL": "rediss://"},
        {"KEYBACK_REDIS_URL": "redis://portal:hush@box.example:6379/0"},
        {"KEYBACK_REDIS_URL": "redis://portal:hush@127.0.0.1:port/0"},
        {"KEYBACK_REDIS_URL": "http://portal:hush@127.0.0.1/"},
        {"KEYBACK_REDIS_CA": "/no/such/file"},
        {"KEYBACK_NETWORKS": "203.0.113.0/24"},
        {"KEYBACK_NETWORKS": "office=203.0.113.7/24:300/10m"},
        {"KEYBACK_NETWORKS": "office=203.0.113.0/24:0/10m"},
        {"KEYBACK_NETWORKS": "office=203.0.113.0/24:300/10s"},
        {"KEYBACK_NETWORKS": "a=203.0.113.0/24:300/10m,a=198.51.100.0/24:200/10m"},
        {"KEYBACK_STARTS_PER_BROWSER": "50", "KEYBACK_STARTS_PER_ADDRESS": "40"},
        {"KEYBACK_NETWORKS": "office=203.0.113.0/24:100000/10m"},
        {"KEYBACK_INSECURE_HTTP": "perhaps"},
        {"KEYBACK_LOG_LEVEL": "LOUD"},
        {"KEYBACK_TIME_ZONE": "Europe/Nowhere"},
        {"KEYBACK_INSECURE_HTTP": "1"},
        {"KEYBACK_FLOOR_MS": "fast"},
        {"KEYBACK_PROXIES": "-1"},
        {"DATABASE_URL": "mysql://user:hush@db.corp.example/keyback"},
        {"DATABASE_URL": "postgresql://user:hush@db.corp.example"},
        {"DATABASE_URL": "postgresql://user:hush@db.corp.example:port/keyback"},
    ],
)
def test_missing_and_wrong_settings_are_named(tmp_path: Path, changes: dict[str, str]) -> None:
    ran = start(tmp_path, "check", **changes)
    assert ran.returncode != 0
    assert next(iter(changes)) in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hush" not in ran.stderr


def test_the_production_settings_pass_djangos_deployment_check(tmp_path: Path) -> None:
    ran = start(tmp_path, "check", "--deploy", "--fail-level", "INFO")
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "url", ["redis://portal:hush@127.0.0.7:6379/0", "redis://localhost", "redis://[::1]/0"]
)
def test_a_post_box_on_this_machine_may_do_without_tls(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("KEYBACK_TEST", url)
    assert env.post_box("KEYBACK_TEST") == url


def test_authorities_in_another_encoding_are_named_with_the_command_that_makes_pem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "redis.pem"
    monkeypatch.setenv("KEYBACK_TEST", str(path))
    path.write_bytes(any_authority())
    assert env.authorities("KEYBACK_TEST") == str(path)
    path.write_bytes(any_authority().decode().encode("utf-16"))
    with pytest.raises(ImproperlyConfigured, match=f"UTF-16 text.*; run: iconv -f UTF-16 -t UTF-8 {path} > "):
        env.authorities("KEYBACK_TEST")


def test_no_migration_is_missing(tmp_path: Path) -> None:
    assert start(tmp_path, "makemigrations", "--check", "--dry-run").returncode == 0


def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    (tmp_path / "secret").chmod(0o640)
    monkeypatch.setenv("KEYBACK_TEST_FILE", str(tmp_path / "secret"))
    assert env.text("KEYBACK_TEST") == "from-a-file"
    monkeypatch.setenv("KEYBACK_TEST", "both")
    with pytest.raises(ImproperlyConfigured, match="KEYBACK_TEST or KEYBACK_TEST_FILE"):
        env.text("KEYBACK_TEST")


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602])
def test_a_secret_in_a_file_that_is_open_to_others_stops_the_start(tmp_path: Path, mode: int) -> None:
    address = tmp_path / "redis-url"
    address.write_text("rediss://portal:hush@box.example/0")
    address.chmod(mode)
    ran = start(tmp_path, "check", KEYBACK_REDIS_URL="-", KEYBACK_REDIS_URL_FILE=str(address))
    assert ran.returncode != 0
    assert f"Run: chmod 0600 {address}" in ran.stderr
    assert "hush" not in ran.stderr


def test_a_portal_key_that_is_open_to_others_stops_the_start(tmp_path: Path) -> None:
    assert start(tmp_path, "portal_key").returncode == 0
    (key,) = tmp_path.rglob("portal.key")
    assert start(tmp_path, "check").returncode == 0
    key.chmod(0o640)
    ran = start(tmp_path, "check")
    assert ran.returncode != 0
    assert f"run: chmod 600 {key}" in ran.stderr


@pytest.fixture
def heard_interrupts() -> Iterator[None]:
    """Let children hear SIGINT, which this process may have inherited as ignored."""
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, usual)


@pytest.mark.usefixtures("heard_interrupts")
def test_a_command_that_is_stopped_says_so_in_a_sentence(tmp_path: Path) -> None:
    assert start(tmp_path, "migrate", "--verbosity", "0").returncode == 0
    with subprocess.Popen(
        [sys.executable, "manage.py", "tick", "--loop"],
        cwd=ROOT,
        env=environment_of(tmp_path, PYTHONUNBUFFERED="1"),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("Forgotten: ")
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=30)[1]
    assert told.splitlines()[-1] == "Stopped; the steps before that remain done."
    assert "Traceback" not in told
    assert process.returncode == 1
