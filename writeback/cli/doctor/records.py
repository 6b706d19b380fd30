"""The doctor's check of the worker's data: state, audit, disk space and the last backup."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from writeback.audit import moment, verify
from writeback.cli.common import open_audit, open_register_context
from writeback.clock import SystemClock
from writeback.config import Config
from writeback.envelope.findings import Finding, failure, ok, warning
from writeback.handlers.health import OFF_BY, clock_trouble
from writeback.ports import StateAway
from writeback.state import StateClock, StateUnusable
from writeback.vault import VaultError

DAY, BACKUP_DAYS = 24 * 3600, 7
MEBIBYTE = 2**20
ENOUGH, LITTLE = 1024 * MEBIBYTE, 100 * MEBIBYTE
BRING_BACK = "restore the folder of keys from its backup; for an empty state: writeback setup"
MAKE_ROOM = "free some space there, or give it a larger disk"


def state(config: Config) -> Iterator[Finding]:
    """Yield whether the state can be written, and whether its clock and this host's agree."""
    try:
        with open_register_context(config) as context:
            opened = context.state
            with opened.writing():
                yield ok("state.open", f"the state {opened.id.hex()[:8]} can be written")
            off = StateClock(opened, SystemClock()).host_is_off()
    except ValueError:
        says = f"{config.site.keys} holds no key that opens the state"
        yield failure("state.keys", says, BRING_BACK)
    except (StateUnusable, StateAway, VaultError, OSError) as error:
        says = str(error).removesuffix(".")
        yield failure("state.open", says, "correct [site] state, and see who owns its folder")
    else:
        yield from clock(off)


def clock(off: float) -> Iterator[Finding]:
    """Yield a finding if this host's clock is `off` seconds ahead of the database's."""
    if abs(off) > OFF_BY:
        says = clock_trouble(off).removesuffix(".")
        yield failure("state.clock", says, "set both clocks by NTP")


def audit(config: Config) -> Iterator[Finding]:
    """Yield whether the audit can be written, and whether its chain holds."""
    opened = open_audit(config)
    opened.record("doctor.asked", reference="")
    if not opened.is_up():
        yield failure(
            "audit.open", f"the audit {config.site.audit} can't be written", "see who owns its folder"
        )
        return
    verdict = verify(config.site.audit, is_signed=lambda _: True)
    if verdict.problem:
        yield failure("audit.chain", f"the chain is broken: {verdict.problem}", "writeback audit verify")
    else:
        yield ok("audit.chain", f"the audit's chain of {verdict.lines} lines is unbroken")


def disks(config: Config) -> Iterator[Finding]:
    """Yield how much space is free on the disks of the state and the audit."""
    url = make_url(config.site.state.reveal())
    file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    for folder in dict.fromkeys(path.parent for path in (file, config.site.audit) if path):
        usage = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists()))
        yield room(folder, usage.free)


def room(folder: Path, free: int) -> Finding:
    """Return a finding on the free bytes on a folder's disk: with a full disk nobody is served."""
    says = f"{folder} has {free // MEBIBYTE} MiB left"
    if free < LITTLE:
        return failure("disk.room", says, MAKE_ROOM)
    return warning("disk.room", says, MAKE_ROOM) if free < ENOUGH else ok("disk.room", says)


def backups(config: Config) -> Iterator[Finding]:
    """Yield the age of the last backup, from the audit; PostgreSQL's own backups are not known here."""
    url = make_url(config.site.state.reveal())
    if url.get_backend_name() != "sqlite" or not config.site.audit.exists():
        return
    last = moment(config.site.audit, "state.backed-up")
    begun = moment(config.site.audit)
    yield backup(last, begun, time.time())


def backup(last: float | None, begun: float | None, now: float) -> Finding:
    """Return a finding on the last backup.

    Args:
        last: its Unix time; None if there is none.
        begun: Unix time of the first line of the audit; a new site has a week for its first backup.
        now: Unix time.
    """
    days = int((now - (last or begun or now)) // DAY)
    if days < BACKUP_DAYS:
        return ok("backup.age", "the last backup is recent" if last else "the first backup is not due yet")
    says = (
        f"the last backup is {days} days old"
        if last
        else f"no backup was made in the {days} days of this site"
    )
    mend = "systemctl enable --now keyback-backup.timer; journalctl -u keyback-backup -n 20"
    return warning("backup.age", says, mend)
