"""`writeback doctor`: everything that a worker needs, tried one after the other."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from writeback.audit import verify
from writeback.cli import doctor_directory, doctor_redis
from writeback.cli.check import Check, bad, good
from writeback.cli.common import (
    Commands,
    add_command,
    open_audit,
    open_state,
    open_vault,
    read_config_as_worker,
    state_keys,
)
from writeback.clock import SystemClock
from writeback.config import Config, ConfigError
from writeback.couriers.mail import MailCourier
from writeback.handlers.health import OFF_BY, clock_trouble
from writeback.ports import CourierAway, StateAway
from writeback.state import StateClock, StateUnusable
from writeback.vault import VaultError

IN_MEMORY = ("tmpfs", "ramfs")


def add(commands: Commands) -> None:
    """Add the command."""
    add_command(commands, "doctor", "Check everything that the worker needs.").set_defaults(perform=perform)


def perform(args: argparse.Namespace) -> int:
    """Print a line for each check; 1 if one failed."""
    try:
        config = read_config_as_worker(args)
    except ConfigError as error:
        for problem in error.problems:
            print(bad(problem, f"correct {args.config}"))
        return 1
    failed = 0
    for check in checks(config):
        print(check)
        failed += not check.ok
    print(f"\n{failed} to be put right." if failed else "\nAll is well.")
    return 1 if failed else 0


def checks(config: Config) -> Iterator[Check]:
    """Yield all checks, each as soon as it is done."""
    yield good(f"configuration; the ceiling's hash is {config.ceiling_hash.hex()[:16]}")
    parts: Iterable[Callable[[Config], Iterator[Check]]] = (
        _keys,
        _state,
        _audit,
        doctor_redis.checks,
        doctor_directory.checks,
        _mail,
    )
    for part in parts:
        yield from part(config)


def _keys(config: Config) -> Iterator[Check]:
    vault = open_vault(config)
    try:
        identity, portal = vault.identity().public, vault.portal()
    except (VaultError, OSError) as error:
        yield bad(str(error), "writeback setup")
        return
    yield good(f"keys in {config.site.keys}; this site is {identity.fingerprint}")
    if vault.is_disabled():
        yield bad("writeback is switched off", "writeback enable")
    elif portal is None:
        yield bad("no portal is paired", "writeback setup --portal STRING")
    else:
        yield good(f"paired with the portal {portal.fingerprint}")
    if _filesystem_of(config.site.run) in IN_MEMORY:
        yield good(f"prekeys in memory, at {config.site.run}")
    else:
        yield bad(
            f"[site] run: {config.site.run} is on a disk, so old prekeys can be found there",
            "put it on a tmpfs, such as /run/keyback (RuntimeDirectory= of the systemd unit makes it)",
        )


def _filesystem_of(path: Path) -> str:
    """Return the kind of file system that a path lies on, by the longest mount point above it."""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, point, found, *_ = line.split(" ")
        if path.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind


def _state(config: Config) -> Iterator[Check]:
    try:
        keys = state_keys(open_vault(config))
        with closing(open_state(config)) as state:
            with state.writing():
                yield good(f"state {state.id.hex()[:8]} can be written, {keys!r}")
            off = StateClock(state, SystemClock()).host_is_off()
        if abs(off) > OFF_BY:
            yield bad(clock_trouble(off), "let both set their clocks by NTP")
    except ValueError as error:
        yield bad(str(error), "writeback setup")
    except (StateUnusable, StateAway, VaultError, OSError) as error:
        yield bad(str(error), "correct [site] state, and see who owns its folder")


def _audit(config: Config) -> Iterator[Check]:
    audit = open_audit(config)
    audit.record("doctor.asked", reference="")
    if not audit.is_up():
        yield bad(f"the audit {config.site.audit} can't be written", "see who owns its folder")
        return
    verdict = verify(config.site.audit, is_signed=lambda _: True)
    if verdict.problem:
        yield bad(f"audit: {verdict.problem}", "writeback audit verify")
    else:
        yield good(f"audit of {verdict.lines} lines")


def _mail(config: Config) -> Iterator[Check]:
    where = f"mail relay {config.mail.host}:{config.mail.port}"
    try:
        MailCourier(config.mail).probe()
    except (CourierAway, OSError) as error:
        yield bad(f"{where}: {error}", "correct [mail], or open the way to the relay")
    else:
        yield good(f"{where}, {config.mail.security}")
