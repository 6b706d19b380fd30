"""Pairs a portal and a site as two admins do, with the same programs."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import SetupError

FINGERPRINT = re.compile(r"\b(?:[A-Z2-7]{4}-){3,}[A-Z2-7]{4}\b")


@dataclass(frozen=True)
class Enrolment:
    """The text that one side prints for the other, and the fingerprint to compare."""

    text: str
    fingerprint: str


def site_enrolment(configuration: Path, *workers: str) -> Enrolment:
    """Make the site's keys and return the output of `writeback setup`; `workers` are all of the site's."""
    more = ("--workers", ",".join(workers)) if workers else ()
    words = _run("writeback.cli.main", "setup", "--config", str(configuration), *more)
    return _read(words, "keyback-site-1:")


def portal_enrolment(environment: Mapping[str, str]) -> Enrolment:
    """Make the portal's key and return the output of `manage.py portal_key`."""
    return _read(manage(environment, "portal_key"), "keyback-portal-1:")


def pin_portal(configuration: Path, portal: Enrolment) -> None:
    """Give the portal's key to the site."""
    pinned = ("--portal", portal.text, "--fingerprint", portal.fingerprint)
    _run("writeback.cli.main", "setup", "--config", str(configuration), *pinned)


def pair(configuration: Path, environment: Mapping[str, str]) -> None:
    """Pair both sides; the portal's database must exist."""
    site, portal = site_enrolment(configuration), portal_enrolment(environment)
    pin_portal(configuration, portal)
    manage(environment, "pair", site.text, "--fingerprint", site.fingerprint)


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Run one of the portal's commands and return its output."""
    return _run("django", *arguments, environment=environment)


def _run(module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{module} {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _read(words: str, prefix: str) -> Enrolment:
    text = next(line.strip() for line in words.splitlines() if line.strip().startswith(prefix))
    fingerprint = FINGERPRINT.search(words.replace(text, ""))
    if not fingerprint:
        raise SetupError(f"there is no fingerprint in the output with {prefix}…")
    return Enrolment(text, fingerprint.group())
