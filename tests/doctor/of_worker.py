"""What can be broken in what the worker stores (keys, state, audit, backups), on its disk, and in itself."""

import time
from collections.abc import Iterable
from pathlib import Path

from tests.doctor.case import Bench, Cases
from writeback.audit import AuditFile
from writeback.cli.doctor import keys, records, running
from writeback.envelope.findings import Finding, Level
from writeback.sign_of_life import SILENT, SignOfLife

WARNING, FAILURE = Level.WARNING, Level.FAILURE
CASES = case = Cases()
DAY = 24 * 3600


@case("no keys yet", "keys.folder", FAILURE, "…/keys/identity.key is missing", "writeback setup")
def _no_keys(bench: Bench) -> Iterable[Finding]:
    for path in (bench.folder / "keys").iterdir():
        path.unlink()
    return bench.look(keys.checks)


@case(
    "a folder of keys that others can read",
    "keys.folder",
    FAILURE,
    "…/keys holds keys and is open to others",
    "chmod 700 …/keys",
)
def _open_keys(bench: Bench) -> Iterable[Finding]:
    (bench.folder / "keys").chmod(0o755)
    return bench.look(keys.checks)


@case("`writeback disable`", "keys.switch", FAILURE, "writeback is switched off", "writeback enable")
def _switched_off(bench: Bench) -> Iterable[Finding]:
    assert bench.files.run("disable") == 0
    return bench.look(keys.checks)


@case("no pairing yet", "keys.pairing", FAILURE, "no portal is paired", "writeback setup --portal STRING")
def _unpaired(bench: Bench) -> Iterable[Finding]:
    bench.files.config().portal.public_key_file.unlink()
    return bench.look(keys.checks)


@case(
    "`[site] run` on a disk",
    "keys.memory",
    FAILURE,
    "[site] run: /var/lib/keyback is on a disk, so old prekeys can be recovered from it",
    "put it on a tmpfs, such as /run/keyback (RuntimeDirectory= of the systemd unit makes it)",
)
def _keys_on_disk(bench: Bench) -> Iterable[Finding]:
    bench.files.replace(str(bench.files.config().site.run), "/var/lib/keyback")
    return bench.look(keys.checks)


@case(
    "a state that can't be opened",
    "state.open",
    FAILURE,
    "The state can't be opened: …",
    "correct [site] state, and see who owns its folder",
)
def _no_state(bench: Bench) -> Iterable[Finding]:
    bench.files.replace(f"sqlite:///{bench.folder}/state.db", f"sqlite:///{bench.folder}/none/state.db")
    return bench.look(records.state)


@case(
    "missing keys of the state",
    "state.keys",
    FAILURE,
    "…/keys holds no key that opens the state",
    "restore the folder of keys from its backup; for an empty state: writeback setup",
)
def _no_state_keys(bench: Bench) -> Iterable[Finding]:
    for path in (bench.folder / "keys").glob("state-*.key"):
        path.unlink()
    return bench.look(records.state)


@case(
    "a clock that is off the database's (PostgreSQL)",
    "state.clock",
    FAILURE,
    "This host's clock is 75 seconds behind the database's",
    "set both clocks by NTP",
)
def _clock(_: Bench) -> Iterable[Finding]:
    return records.clock(-75.0)


@case(
    "an audit that can't be written",
    "audit.open",
    FAILURE,
    "the audit …/none/audit.jsonl can't be written",
    "see who owns its folder",
)
def _no_audit(bench: Bench) -> Iterable[Finding]:
    bench.files.replace('audit = "audit.jsonl"', 'audit = "none/audit.jsonl"')
    return bench.look(records.audit)


@case("an audit that was changed", "audit.chain", FAILURE, "the chain is broken: …", "writeback audit verify")
def _changed_audit(bench: Bench) -> Iterable[Finding]:
    path = bench.files.config().site.audit
    for _ in range(2):
        AuditFile(path).record("doctor.asked", reference="")
    path.write_bytes(path.read_bytes().replace(b"doctor.asked", b"doctor.acted", 1))
    return bench.look(records.audit)


@case(
    "a disk with less than 1 GiB left",
    "disk.room",
    WARNING,
    "/var/lib/keyback has 500 MiB left",
    "free some space there, or give it a larger disk",
)
def _little_room(bench: Bench) -> Iterable[Finding]:
    return [records.room(Path("/var/lib/keyback"), 500 * records.MEBIBYTE)]


@case(
    "a disk with less than 100 MiB left",
    "disk.room",
    FAILURE,
    "/var/lib/keyback has 20 MiB left",
    "free some space there, or give it a larger disk",
)
def _no_room(bench: Bench) -> Iterable[Finding]:
    return [records.room(Path("/var/lib/keyback"), 20 * records.MEBIBYTE)]


@case(
    "no backup for a week",
    "backup.age",
    WARNING,
    "the last backup is 8 days old",
    "systemctl enable --now keyback-backup.timer; journalctl -u keyback-backup -n 20",
)
def _old_backup(bench: Bench) -> Iterable[Finding]:
    path = bench.files.config().site.audit
    AuditFile(path, now=lambda: time.time() - 8 * DAY).record("state.backed-up", reference="")
    return bench.look(records.backups)


@case(
    "no backup ever, a week after the start",
    "backup.age",
    WARNING,
    "no backup was made in the 9 days of this site",
    "systemctl enable --now keyback-backup.timer; journalctl -u keyback-backup -n 20",
)
def _no_backup(bench: Bench) -> Iterable[Finding]:
    path = bench.files.config().site.audit
    AuditFile(path, now=lambda: time.time() - 9 * DAY).record("worker.started", reference="")
    return bench.look(records.backups)


@case(
    "a worker that was stopped",
    "worker.running",
    FAILURE,
    "the worker w1 does not run",
    "systemctl start keyback-writeback",
)
def _stopped(bench: Bench) -> Iterable[Finding]:
    return bench.look(running.checks)


@case(
    "a worker that hangs, or was killed",
    "worker.running",
    FAILURE,
    "the worker w1 has died or hangs: its last sign of life is … seconds old",
    "systemctl restart keyback-writeback; journalctl -u keyback-writeback -n 50 says why",
)
def _hanging(bench: Bench) -> Iterable[Finding]:
    _life(bench, ago=SILENT + 60).show()
    return bench.look(running.checks)


@case(
    "a worker that still has the rules from before a change of `[scope]`, `[gates]`, `[limits]`, "
    "`[attempts]`, `[operations]` or `[notify]`",
    "worker.settings",
    FAILURE,
    "the worker w1 runs with other rules than are in its writeback.toml now",
    "systemctl restart keyback-writeback",
)
def _other_settings(bench: Bench) -> Iterable[Finding]:
    _life(bench, ago=0).show()
    bench.files.replace('new_factor_cooldown = "24h"', 'new_factor_cooldown = "48h"')
    return bench.look(running.checks)


@case(
    "a worker that was not restarted after an upgrade from a version that doesn't report its rules",
    "worker.settings",
    FAILURE,
    "the worker w1 has an older version than this command",
    "systemctl restart keyback-writeback",
)
def _older_worker(bench: Bench) -> Iterable[Finding]:
    run = bench.files.config().site.run
    run.mkdir(parents=True, exist_ok=True)
    SignOfLife(run, b"").show()
    return bench.look(running.checks)


@case(
    "heartbeats that Redis does not accept",
    "worker.heartbeat",
    FAILURE,
    "Redis has accepted no heartbeat of the worker for … seconds",
    "Redis is a read-only replica (READONLY); …",
)
def _no_heartbeat(bench: Bench) -> Iterable[Finding]:
    told = "Redis is a read-only replica (READONLY); name the primary"

    def refuse(_: bytes) -> None:
        raise OSError(told)

    life = _life(bench, ago=100)
    life.note_beats(lambda _: None)(b"a heartbeat")
    try:
        life.note_beats(refuse)(b"another")
    except OSError:
        return bench.look(running.checks)
    raise AssertionError("the fault of a heartbeat is passed on")


def _life(bench: Bench, *, ago: float) -> SignOfLife:
    config = bench.files.config()
    config.site.run.mkdir(parents=True, exist_ok=True)
    return SignOfLife(config.site.run, config.ceiling_hash, now=lambda: time.time() - ago)
