"""Runs all checks in order; one that fails or hangs does not stop the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread

from writeback.cli.doctor import (
    authorities,
    broker,
    directories,
    keys,
    policy,
    records,
    relay,
    running,
    telling,
)
from writeback.config import Config
from writeback.envelope.findings import Finding, failure, gather, ok

Look = Callable[[Config], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Checks that belong together.

    Args:
        name: the check that reports an error of the part itself.
        look: yields the findings.
        seconds: time limit, after which the part is abandoned.
    """

    name: str
    look: Look
    seconds: float


PARTS = (
    Part(name="policy.settings", look=policy.checks, seconds=5),
    Part(name="authorities.file", look=authorities.checks, seconds=10),
    Part(name="keys.folder", look=keys.checks, seconds=10),
    Part(name="state.open", look=records.state, seconds=30),
    Part(name="audit.chain", look=records.audit, seconds=60),
    Part(name="disk.room", look=records.disks, seconds=10),
    Part(name="backup.age", look=records.backups, seconds=30),
    Part(name="worker.running", look=running.checks, seconds=10),
    Part(name="redis.reached", look=broker.checks, seconds=30),
    Part(name="directory.reached", look=directories.checks, seconds=180),
    Part(name="mail.relay", look=relay.checks, seconds=30),
    Part(name="notify.told", look=telling.checks, seconds=10),
)


def examine(config: Config) -> list[Finding]:
    """Return the findings of all checks."""
    begun = ok(
        "settings.value", f"the settings are read; the ceiling's hash is {config.ceiling_hash.hex()[:16]}"
    )
    return [begun, *(finding for part in PARTS for finding in look(part, config))]


def look(part: Part, config: Config) -> list[Finding]:
    """Return the findings of one part, including those from before it was abandoned."""
    found: list[Finding] = []

    def note_findings() -> Iterator[Finding]:
        for finding in part.look(config):
            found.append(finding)
            yield finding

    whole: list[Finding] = []
    # A daemon: a check that hangs for good must not keep the doctor from ending.
    thread = Thread(target=lambda: whole.extend(gather(part.name, note_findings)), daemon=True)
    thread.start()
    thread.join(part.seconds)
    if not thread.is_alive():
        return whole
    says = f"this check did not finish within {part.seconds:g} seconds"
    return [*found, failure(part.name, says, "see what hangs (disk, network), and run the doctor again")]
