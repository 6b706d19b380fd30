"""A worker within the test's own process: its real core, over a directory and a post box in memory."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from portal.dispatch.broker import BrokerAway
from tests.fakes.directory import BASE, FakeDirectory
from tests.fakes.memory import ListAudit
from writeback.admission import Admission
from writeback.assembly import build_core
from writeback.ceiling import Attempts, Ceiling, Limits, Notify, Scope, judge
from writeback.envelope.answers import CeilingGates, DirectoryHealth, DirectoryState, NoticeRules, Outcome
from writeback.envelope.heartbeats import DirectoryStatus, Heartbeat, sign_heartbeat
from writeback.envelope.jobs import JOBS
from writeback.envelope.keyring import SigningKey, rsa_der
from writeback.envelope.pairing import SiteEnrolment
from writeback.envelope.secret import Secret
from writeback.handlers import HANDLERS
from writeback.intake import Intake
from writeback.ports import (
    Account,
    Anchors,
    Audit,
    Clock,
    Courier,
    Directory,
    Journal,
    Note,
    Outbox,
    Register,
)
from writeback.proof import RegisterContext
from writeback.state import State, StateKeys
from writeback.vault import Vault

ALL = frozenset(kind.__name__ for kind in JOBS.values())


class WallClock:
    """Fulfils ports.Clock; a test may put it forward. It starts half a minute before a code rolls."""

    def __init__(self) -> None:
        self.ahead = 30 - time.time() % 30

    def now(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic()


def open_ceiling() -> Ceiling:
    """Return the product's ceiling, but that nobody waits for a new factor or another mail."""
    return Ceiling(
        scope=Scope(bases=(f"OU=Staff,{BASE}",)),
        notify=Notify(contact="helpdesk@corp.example"),
        operations=ALL,
        limits=Limits(new_factor_cooldown=0),
        attempts=Attempts(resend_wait=1),
    )


@dataclass(kw_only=True)
class LoopSite:
    """Fulfils ports.Site with the worker's own register, journal and outbox."""

    clock: Clock
    state: State
    keys: StateKeys
    ceiling: Ceiling
    directories: Mapping[str, Directory]
    audit: Audit
    identity: SigningKey
    couriers: Sequence[Courier] = ()
    worker: str = "w1"
    version: str = "0"
    ceiling_hash: bytes = bytes(32)
    off_by: float = 0.0
    register: Register = field(init=False)
    journal: Journal = field(init=False)
    anchors: Anchors = field(init=False)
    outbox: Outbox = field(init=False)
    allowed: tuple[str, ...] = field(init=False)
    gates: tuple[CeilingGates, ...] = field(init=False)
    notices: NoticeRules = field(init=False)

    def __post_init__(self) -> None:
        context = RegisterContext(state=self.state, keys=self.keys, clock=self.clock, ceiling=self.ceiling)
        core = build_core(context)
        self.register, self.journal = core.register, core.journal
        self.anchors, self.outbox = core.anchors, core.outbox
        self.allowed = tuple(sorted(self.ceiling.operations))
        self.gates = self.ceiling.ceiling_gates()
        self.notices = self.ceiling.notify.notice_rules()
        self.state_id = self.state.id

    def clock_is_off(self) -> float:
        return self.off_by

    def judge(self, account: Account) -> Outcome | None:
        return judge(account, self.ceiling, deny_sids=frozenset())

    def make_judge(self, directory: str) -> Callable[[Account], Outcome | None]:
        return self.judge

    def note_unreadable(self, account: str) -> None:
        self.audit.record("noted", reference="", account=account)

    def note_broken_audit(self) -> None:
        self.audit.record("noted", reference="", what="broken audit")

    def sign(self, label: bytes, data: bytes) -> bytes:
        return self.identity.sign(label, data)

    def health(self, directory: str) -> DirectoryHealth:
        return self.directories[directory].health()


class LoopWorker:
    """Keys, site and intake of one worker.

    Args:
        vault: its keys; paired with the portal.
        home: an empty folder.
        ceiling: its policy.
    """

    def __init__(self, vault: Vault, home: Path, ceiling: Ceiling | None = None) -> None:
        self.clock = WallClock()
        self.vault = vault
        self.steps: dict[str, int] = {}
        self.directory = FakeDirectory(clock=self.clock)
        self.audit = ListAudit()
        self.site = LoopSite(
            audit=self.audit,
            identity=self.vault.identity(),
            clock=self.clock,
            state=State(Secret(f"sqlite:///{home}/state.db")),
            keys=StateKeys(self.vault.state_keys()),
            ceiling=ceiling or open_ceiling(),
            directories={"corp": self.directory},
        )
        admission = Admission(self.site.ceiling.limits.jobs, self.clock.now)
        self.intake = Intake(site=self.site, keys=self.vault.keyring, handlers=HANDLERS, admission=admission)

    def enrolment(self) -> SiteEnrolment:
        """Return what the portal pins."""
        return SiteEnrolment(
            identity=self.vault.identity().public.raw,
            site="main",
            redis="",
            workers=("w1",),
            directories=("corp",),
            state=self.site.state_id,
        )

    def heartbeat(self) -> bytes:
        """Return a signed sign of life."""
        keys = self.vault.keyring()
        beat = Heartbeat(
            worker="w1",
            time=int(self.clock.now()),
            prekey=keys.prekeys[0].key.public_key().public_bytes_raw(),
            rsa=rsa_der(keys.rsas[0].key.public_key()),
            site="main",
            directories=(DirectoryStatus(directory="corp", state=DirectoryState.UP),),
            oldest_job=0,
            couriers=(),
            ceiling_hash=bytes(32),
            version="0",
            state=self.site.state_id,
        )
        return sign_heartbeat(beat, keys.identity)

    def notes(self) -> list[Note]:
        """Return what waits in the outbox, the oldest first, and take it out."""
        taken = self.site.outbox.take(most=100, lease=1)
        for queued in taken:
            self.site.outbox.forget(queued)
        return [queued.note for queued in taken]

    def code(self) -> str:
        """Return the newest code that was to be mailed."""
        return [note.parameters["code"] for note in self.notes() if "code" in note.parameters][-1]


class LoopBroker:
    """Fulfils portal.dispatch.broker.Broker; hands each job to the worker of the test at once.

    Args (of the class):
        worker: None while there is none.
        holds: jobs are kept and nothing is answered, as when a worker hangs; `deliver` hands them over.
        loses: answers get lost on their way back.
    """

    worker: ClassVar[LoopWorker | None] = None
    holds: ClassVar[bool] = False
    loses: ClassVar[bool] = False
    jobs: ClassVar[list[bytes]] = []
    _held: ClassVar[list[bytes]] = []
    _answers: ClassVar[dict[bytes, bytes]] = {}

    @classmethod
    def reset(cls, worker: LoopWorker | None) -> None:
        """Begin anew with this worker."""
        cls.worker, cls.holds, cls.loses = worker, False, False
        cls.jobs, cls._held, cls._answers = [], [], {}

    @classmethod
    def deliver(cls) -> None:
        """Hand over what was held."""
        cls.holds, held = False, cls._held
        cls._held = []
        for blob in held:
            cls._take(blob)

    def heartbeats(self, places: list[tuple[str, str]]) -> list[bytes | None]:
        return [self.worker.heartbeat() if self.worker else None for _ in places]

    def send(self, worker: str, sealed: bytes) -> None:
        if self.worker is None:
            raise BrokerAway(sent=False)
        self.jobs.append(sealed)
        if self.holds:
            self._held.append(sealed)
        else:
            self._take(sealed)

    def wait(self, jti: bytes, seconds: float) -> bytes | None:
        found = None if self.loses else self._answers.pop(jti, None)
        if found is None:
            time.sleep(min(seconds, 0.05))
        return found

    @classmethod
    def _take(cls, blob: bytes) -> None:
        posted = cls.worker.intake.take(blob) if cls.worker else None
        if posted:
            cls._answers[posted.jti] = posted.blob
