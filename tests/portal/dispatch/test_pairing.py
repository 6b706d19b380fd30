"""Pairing: strings that people carry, fingerprints that they compare."""

import io
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from portal.audit.models import Event
from portal.dispatch import keys
from portal.dispatch.models import Site
from portal.dispatch.workers import Workers
from tests.envelope.examples import enrolment
from tests.envelope.keys import SITE, signing_key
from tests.fakes.post_box import MemoryBroker
from tests.fakes.terminal import Terminal
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import read_portal_enrolment, write_site_enrolment

STRING = write_site_enrolment(enrolment(SITE.public.raw), SITE)
FINGERPRINT = SITE.public.fingerprint


def pair(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("pair", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [FINGERPRINT, FINGERPRINT.lower(), FINGERPRINT.replace("-", " ")])
def test_a_site_is_pinned_when_its_fingerprint_is_right(typed: str) -> None:
    told = pair(STRING, fingerprint=typed)
    site = Site.objects.get()
    assert (site.name, site.key, site.workers, site.directories) == ("main", SITE.public, ["w1"], ["corp"])
    assert FINGERPRINT in told
    assert Event.objects.get(event="site.paired").facts == {"site": "main", "fingerprint": FINGERPRINT}


@pytest.mark.django_db
@pytest.mark.parametrize("typed", [signing_key("other").public.fingerprint, FINGERPRINT[:-1], "-", "x"])
def test_nothing_is_pinned_when_the_fingerprint_is_wrong(typed: str) -> None:
    with pytest.raises(CommandError, match="nothing was paired"):
        pair(STRING, fingerprint=typed)
    assert not Site.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "x", "keyback-site-1:", STRING[:-4], STRING.replace("1:", "1:AAAA"), "@/none"]
)
def test_a_string_that_was_not_copied_whole_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="not copied whole"):
        pair(text, fingerprint=FINGERPRINT)


@pytest.mark.django_db
def test_a_string_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "site.txt").write_text(f"  {STRING[:40]}\n{STRING[40:]}\n")
    pair(f"@{tmp_path}/site.txt", fingerprint=FINGERPRINT)
    assert Site.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "stdin", [None, io.StringIO(FINGERPRINT), Terminal("")], ids=["closed", "pipe", "end"]
)
def test_without_a_terminal_pairing_needs_the_fingerprint_as_an_option(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(CommandError, match=r"nothing was changed.*--fingerprint") as caught:
        pair(STRING)
    assert caught.value.returncode == 2
    assert not Site.objects.exists()


@pytest.mark.django_db
def test_a_fingerprint_is_typed_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(FINGERPRINT.lower() + "\n"))
    pair(STRING)
    assert Site.objects.count() == 1


@pytest.mark.django_db
def test_a_string_is_not_read_from_a_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CommandError, match="Standard input is closed"):
        pair("-", fingerprint=FINGERPRINT)


@pytest.mark.django_db
def test_pairing_again_takes_the_place_of_the_old_pairing() -> None:
    pair(STRING, fingerprint=FINGERPRINT)
    renewed = signing_key("renewed")
    pair(write_site_enrolment(enrolment(renewed.public.raw), renewed), fingerprint=renewed.public.fingerprint)
    assert Site.objects.get().key == renewed.public


def test_the_portal_key_is_made_once_and_printed_for_the_worker(settings: Settings, tmp_path: Path) -> None:
    settings.KEYBACK_KEYS = tmp_path / "keys"
    printed = []
    for _ in range(2):
        out, err = io.StringIO(), io.StringIO()
        call_command("portal_key", stdout=out, stderr=err)
        printed.append(out.getvalue())
        assert read_portal_enrolment(out.getvalue()).fingerprint in err.getvalue()
    assert printed[0] == printed[1]
    assert keys.key_file().stat().st_mode & 0o777 == 0o600
    assert keys.read_portal_key().raw().hex() not in printed[0]


def test_a_key_made_while_the_portal_runs_is_found(settings: Settings, tmp_path: Path) -> None:
    settings.KEYBACK_KEYS = tmp_path / "keys"
    workers = Workers(MemoryBroker())
    assert workers.key() is None
    made = keys.make_portal_key()
    found = workers.key()
    assert found is not None
    assert found.public == made.public


def test_a_portal_key_that_others_can_read_is_not_used(portal_key: SigningKey) -> None:
    keys.key_file().chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        call_command("portal_key", stdout=io.StringIO())


def test_a_file_without_a_key_is_named(portal_key: SigningKey) -> None:
    keys.key_file().write_text("x")
    with pytest.raises(CommandError, match=r"portal\.key holds no key"):
        call_command("portal_key", stdout=io.StringIO())


REFUSED = {
    "no directory": ({"directories": ()}, "no directory that can be used"),
    "the same directory twice": ({"directories": ("corp", "corp")}, "a directory twice"),
    "no worker": ({"workers": ()}, "no worker that can be used"),
    "a worker twice": ({"workers": ("w1", "w1")}, "a worker twice"),
    "a worker with a blank": ({"workers": ("w1", " w2")}, "no worker that can be used"),
    "a site with a strange name": ({"site": "main\n2026 INFO"}, "no site that can be used"),
    "a name that is too long": ({"site": "x" * 33}, "no site that can be used"),
    "a long address": ({"redis": "x" * 201}, "not of this version"),
    "no state": ({"state": b""}, "not of this version"),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("changed", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_site_that_cannot_be_used_is_not_paired(changed: dict[str, Any], told: str) -> None:
    text = write_site_enrolment(replace(enrolment(SITE.public.raw), **changed), SITE)
    with pytest.raises(CommandError, match=told):
        pair(text, fingerprint=FINGERPRINT)
    assert not Site.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("served", "told"), [("corp", "corp belongs to the site main"), ("eu", "with the site main already")]
)
def test_a_second_site_is_refused_until_the_first_is_forgotten(served: str, told: str) -> None:
    pair(STRING, fingerprint=FINGERPRINT)
    second = signing_key("second")
    made = replace(enrolment(second.public.raw), site="branch", directories=(served,))
    text, fingerprint = write_site_enrolment(made, second), second.public.fingerprint
    with pytest.raises(CommandError, match=f"{told}.*manage.py unpair main"):
        pair(text, fingerprint=fingerprint)
    Site.objects.update(enabled=False)
    with pytest.raises(CommandError, match="unpair main"):
        pair(text, fingerprint=fingerprint)
    assert Site.objects.get().name == "main"
    call_command("unpair", "main", stdout=io.StringIO())
    pair(text, fingerprint=fingerprint)
    assert Site.objects.get().name == "branch"
    assert Event.objects.filter(event="site.unpaired", facts__site="main").count() == 1


@pytest.mark.django_db
def test_a_site_that_is_not_there_cannot_be_forgotten() -> None:
    with pytest.raises(CommandError, match="no paired site"):
        call_command("unpair", "main", stdout=io.StringIO())
