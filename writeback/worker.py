"""Step 4 of 8: the worker's program, which builds the concrete adapters and connects them.

Run it with `writeback run --config writeback.toml` or `python -m writeback.worker --config writeback.toml`.
"""

import argparse
import itertools
import logging
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any, NoReturn

from celery import Celery
from celery.signals import setup_logging, worker_ready

from writeback.admission import Admission
from writeback.assembly import build_core, build_site, open_context, open_vault
from writeback.audit import AuditFile
from writeback.broker import PostBox, celery_app
from writeback.ceiling import domain_of, parse_dn
from writeback.ceiling.denied import DeniedGroups
from writeback.clock import SystemClock
from writeback.config import Config, ConfigError, load
from writeback.couriers.alarms import Alarms
from writeback.couriers.mail import MailCourier
from writeback.couriers.outbox import OutboxRunner
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.settings import directory_settings
from writeback.envelope.heartbeats import EVERY
from writeback.envelope.jobs import Job
from writeback.envelope.keyring import CHECKPOINT_LABEL
from writeback.guard import Guard, Threads
from writeback.handlers import HANDLERS, resolve_intents
from writeback.heartbeat import LiveKeys, Pulse
from writeback.intake import Intake
from writeback.ports import (
    Audit,
    Clock,
    Directory,
    Handler,
    StateAway,
)
from writeback.sign_of_life import SignOfLife
from writeback.starting import reasons_not_to_start, warn_of_open_redis
from writeback.state import (
    State,
    StateClock,
    StateKeys,
    StateUnusable,
    Switch,
    sweep,
)
from writeback.systemd import notify
from writeback.trouble import LONGEST_WAIT, Trouble
from writeback.vault import Vault, VaultError
from writeback.version import running_version
from writeback.worker_site import WorkerSite

THREADS = 4
LEAVES_AFTER = 2.0
"""Seconds for which jobs are still taken after the heartbeat was removed; portals read it once a second."""
OTHER_VERSION = (
    "The state was brought to another version than this worker knows: it takes no more jobs. "
    "Install the same version on all hosts of the site."
)
_ENDS = (signal.SIGTERM, signal.SIGINT)
_FIVE_MINUTES = 10  # beats
_AN_HOUR = 120

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """All parts of one worker process."""

    config: Config
    site: WorkerSite
    vault: Vault
    keys: LiveKeys
    state: State
    state_clock: StateClock
    state_keys: StateKeys
    audit: AuditFile
    couriers: OutboxRunner
    box: PostBox

    def chores(self) -> tuple[Callable[[], None], ...]:
        """Return the chores to do beside the heartbeats."""

        def resolve() -> None:
            resolve_intents(self.site)

        def forget() -> None:
            sweep(self.state, now=self.state_clock.now())

        def checkpoint() -> None:
            self.audit.checkpoint(lambda body: self.keys.current.identity.sign(CHECKPOINT_LABEL, body))

        alarms = Alarms(
            state=self.state,
            keys=self.state_keys,
            clock=self.state_clock,
            audit=self.audit,
            ceiling=self.config.ceiling,
        )
        return (
            self._read_state_keys,
            self.state.hold,
            self.state_clock.measure,
            resolve,
            alarms.look,
            self.couriers.tend,
            make_seldom(_FIVE_MINUTES, checkpoint),
            make_seldom(_FIVE_MINUTES, partial(warn_of_open_redis, self.config.redis)),
            make_seldom(_AN_HOUR, forget),
        )

    def knows_state(self, threads: Threads) -> bool:
        """Tell whether the state has this worker's version.

        As soon as it has another one, the worker takes no more jobs and sends no more mails.
        """
        with suppress(StateAway):
            if not threads.closed and not self.state.is_known() and threads.close():
                logger.error("%s", OTHER_VERSION)
                notify(f"STATUS={OTHER_VERSION}")
                self.couriers.stop(wait=0)
        return not threads.closed

    def _read_state_keys(self) -> None:
        """Load the state keys again, since the CLI may have added one."""
        self.state_keys.reload(self.vault.state_keys())


def build(config: Config, clock: Clock) -> Parts:
    """Build the worker from its configuration.

    Raises:
        ConfigError, VaultError, StateUnusable, OSError: it can't start; the text says why.
    """
    vault = open_vault(config, clock.now)
    live = LiveKeys(vault)
    context = open_context(config, vault, clock)
    state = context.state
    vault.pin_state(state.id)
    live.switch = Switch(state)
    time = StateClock(state, clock)
    audit = AuditFile(config.site.audit, now=clock.now)
    settings = {directory.id: directory_settings(directory) for directory in config.directories}
    directories = {name: ActiveDirectory(found, clock) for name, found in settings.items()}
    context = replace(context, clock=time)
    core = build_core(context, measure=time.measure, portal=lambda: live.current.portal)
    couriers = (MailCourier(config.mail),)
    site = build_site(
        context,
        core,
        name=config.site.name,
        directories=directories,
        denied=_make_denied_groups(config, directories, clock),
        clock=clock,
        clock_is_off=time.host_is_off,
        audit=audit,
        couriers=couriers,
        worker=config.site.worker,
        version=running_version(),
        sign=live.sign,
    )
    contact = config.ceiling.notify.contact
    runner = OutboxRunner(outbox=core.outbox, couriers=couriers, audit=audit, contact=contact)
    return Parts(
        config=config,
        site=site,
        vault=vault,
        keys=live,
        state=state,
        state_clock=time,
        state_keys=context.keys,
        audit=audit,
        couriers=runner,
        box=PostBox(config.redis),
    )


def serve(
    parts: Parts,
    handlers: Mapping[type[Job], Handler] = HANDLERS,
    *,
    every: float = EVERY,
    longest_wait: float = LONGEST_WAIT,
) -> int:
    """Take jobs until the process is told to end; return its exit status.

    Args:
        parts: the parts that `build` returned.
        handlers: the handlers by job class.
        every: seconds between heartbeats.
        longest_wait: most seconds between two tries to reach a Redis that fails.
    """
    site, keys, box = parts.site, parts.keys, parts.box
    guard, threads = Guard(lambda: keys.current.portal), Threads(THREADS)
    admission, questions = (Admission(parts.config.ceiling.limits.jobs, site.clock.now) for _ in range(2))
    intake = Intake(
        site=site, keys=lambda: keys.current, handlers=handlers, admission=admission, questions=questions
    )
    name = parts.config.site.name
    trouble = Trouble(longest=longest_wait, mend=lambda: box.remove_wrong_type(site.worker))
    life = SignOfLife(parts.config.site.run, parts.config.ceiling_hash)

    def do(sealed: bytes) -> None:
        posted = intake.take(sealed)
        if posted is not None:
            box.answer(posted)
        parts.couriers.wake()

    def knows_state() -> bool:
        return parts.knows_state(threads)

    pulse = Pulse(
        name=name,
        site=site,
        keys=keys,
        oldest_job=admission.oldest,
        publish=life.note_beats(lambda beat: box.heartbeat(name, site.worker, beat)),
        is_writable=lambda: site.audit.is_up() and parts.state.is_up(),
        takes_jobs=lambda: not trouble.lasts(),
        knows_state=knows_state,
        chores=[
            _make_conditional(knows_state, one)
            for one in (life.show, lambda: _tell_refused(site.audit, guard), *parts.chores())
        ],
        lives=lambda: notify("WATCHDOG=1"),
        every=every,
    )
    _quieten_celery()
    app = celery_app(parts.config.redis, site.worker, guard, do, threads=threads, trouble=trouble)
    box.remove_wrong_type(site.worker)
    parts.couriers.start(threads.is_working)
    try:
        return _take_jobs(_make_celery_worker(app, site.worker), pulse, parts)
    finally:
        life.end()


def _take_jobs(worker: Any, pulse: Pulse, parts: Parts) -> int:
    site, leaving = parts.site, _Leaving(pulse)
    worker_ready.connect(leaving.listen)
    try:
        pulse.start()
        notify("READY=1", "STATUS=Keyback's writeback worker runs.")
        site.audit.record("worker.started", reference="", worker=site.worker, version=site.version)
        worker.start()
    finally:
        notify("STOPPING=1")
        pulse.stop()
        parts.couriers.stop()
        site.audit.record("worker.stopped", reference="", worker=site.worker)
    return int(worker.exitcode or 0)


def _tell_refused(audit: Audit, guard: Guard) -> None:
    for reason, count in guard.take_refused().items():
        audit.record("guard.refused", reference="", reason=reason, count=count)


class _Leaving:
    """Stops the worker in order.

    First it removes the heartbeat, so that portals send nothing more. For a moment it goes on taking jobs
    that were sent before, and then lets Celery stop.

    Args:
        pulse: the pulse whose heartbeat is removed.
    """

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._celery: dict[int, Any] = {}

    def listen(self, **_: Any) -> None:
        """Replace Celery's signal handlers after it has set them; a second signal goes to them at once."""
        if not self._celery:
            self._celery = {number: signal.signal(number, self._leave) for number in _ENDS}

    def _leave(self, number: int, _: object) -> None:
        for each, handler in self._celery.items():
            signal.signal(each, handler)
        notify("STOPPING=1")
        self._pulse.leave()
        later = Timer(LEAVES_AFTER, os.kill, (os.getpid(), number))
        later.daemon = True
        later.start()


def _make_conditional(holds: Callable[[], bool], chore: Callable[[], None]) -> Callable[[], None]:
    """Return a chore that does nothing while the condition does not hold."""
    return lambda: chore() if holds() else None


def make_seldom(beats: int, chore: Callable[[], None]) -> Callable[[], None]:
    """Return a chore that is done once in this many beats, beginning with the first."""
    count = itertools.count()
    return lambda: None if next(count) % beats else chore()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker; print a sentence for each setting that keeps it from starting."""
    parser = argparse.ArgumentParser(prog="writeback run", description="Run the writeback worker.")
    parser.add_argument("--config", type=Path, default=Path("/etc/keyback/writeback.toml"))
    path: Path = parser.parse_args(arguments).config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold passwords
    try:
        parts = build(load(path), SystemClock())
    except (ConfigError, VaultError, StateUnusable, StateAway, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201  # read by whoever starts it
        return 2
    for _setting, sentence in parts.config.ceiling.notify.gaps():
        logger.warning("%s.", sentence)
    signal.signal(signal.SIGTERM, _leave)
    against = reasons_not_to_start(parts.box, parts.config.redis, parts.site.directories.values())
    if against.sentences:
        print("\n".join(against.sentences), file=sys.stderr)  # noqa: T201  # like the sentences above
        return against.exit_status
    return serve(parts)


def _leave(*_: object) -> NoReturn:
    """End in order on a signal that arrives before Celery has set its own handler."""
    raise SystemExit(0)


def _make_denied_groups(
    config: Config, directories: Mapping[str, Directory], clock: Clock
) -> Mapping[str, DeniedGroups]:
    """Return the denied groups for each directory, which are those of all directories together."""
    named = (*config.ceiling.scope.deny_groups, *config.ceiling.scope.operators)
    groups = DeniedGroups(
        [
            (directories[directory.id], [dn for dn in named if domain_of(dn) == parse_dn(directory.base)])
            for directory in config.directories
        ],
        clock,
    )
    return dict.fromkeys(directories, groups)


def _make_celery_worker(app: Celery, name: str) -> Any:
    """Return Celery's worker, which runs jobs in threads of this process and has no remote control."""
    return app.Worker(
        hostname=f"writeback@{name}",
        pool="threads",
        concurrency=THREADS,
        loglevel=logging.WARNING,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _quieten_celery() -> None:
    setup_logging.connect(_keep_logging)
    logging.getLogger("celery").setLevel(logging.WARNING)  # it logs a line for each job
    # trouble.py logs lost connections itself.
    logging.getLogger("celery.worker.consumer").setLevel(logging.CRITICAL)


def _keep_logging(**_: Any) -> None:
    """Do nothing: a receiver of this signal keeps Celery from setting up logging itself."""


if __name__ == "__main__":
    sys.exit(main())
