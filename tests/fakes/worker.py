"""A worker without border and broker: register, journal and SQLite are real, directory and time are fakes."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from deploy.dev.demo.registering import App
from tests.envelope.keys import SITE
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.memory import ListAudit
from writeback.assembly import build_core
from writeback.ceiling import Ceiling, Notify, Scope, judge
from writeback.envelope.answers import (
    Answer,
    AttemptOpened,
    CeilingGates,
    DirectoryHealth,
    FactorList,
    FactorPending,
    NoticeRules,
    Outcome,
    SignedIn,
)
from writeback.envelope.facts import Facts
from writeback.envelope.jobs import (
    JOBS,
    Begin,
    CheckFactor,
    ConfirmFactor,
    EnrolFactor,
    Job,
    ListFactors,
    Operation,
    RemoveFactor,
    SignIn,
    StartFactor,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.handlers import HANDLERS
from writeback.ports import (
    Account,
    Anchors,
    Audit,
    CantJudge,
    Clock,
    Courier,
    Directory,
    Journal,
    Note,
    Outbox,
    Queued,
    Register,
    Request,
    do_nothing,
)
from writeback.proof import RegisterContext
from writeback.state import State, StateKeys

DAY = 24 * 3600
PASSWORD = "Winter-rain-42"
F = TypeVar("F", bound=Facts)


def ceiling_for_tests() -> Ceiling:
    """The product's defaults, for the fake directory."""
    return Ceiling(
        scope=Scope(bases=("OU=Staff,DC=corp,DC=example",)),
        notify=Notify(contact="helpdesk@corp.example"),
        operations=frozenset(kind.__name__ for kind in JOBS.values()),
    )


@dataclass
class FakeSite:
    """Fulfils ports.Site."""

    directories: Mapping[str, Directory]
    clock: Clock
    audit: Audit
    register: Register
    journal: Journal
    anchors: Anchors
    outbox: Outbox
    ceiling: Ceiling
    gates: tuple[CeilingGates, ...]
    allowed: tuple[str, ...]
    ceiling_hash: bytes
    notices: NoticeRules
    state_id: bytes
    couriers: Sequence[Courier] = ()
    worker: str = "w1"
    version: str = "0"
    off_by: float = 0.0
    closed: str = ""  # why nobody can be judged
    unreadable: list[str] = field(default_factory=list)
    broken_audits: int = 0

    def clock_is_off(self) -> float:
        return self.off_by

    def judge(self, account: Account) -> Outcome | None:
        return judge(account, self.ceiling, deny_sids=frozenset())

    def make_judge(self, directory: str) -> Callable[[Account], Outcome | None]:
        if self.closed:
            raise CantJudge(self.closed)
        return self.judge

    def note_unreadable(self, account: str) -> None:
        self.unreadable.append(account)

    def note_broken_audit(self) -> None:
        self.broken_audits += 1

    def sign(self, label: bytes, data: bytes) -> bytes:
        return SITE.sign(label, data)

    def health(self, directory: str) -> DirectoryHealth:
        return self.directories[directory].health()


class FakeWorker:
    """Does jobs as intake does.

    Args:
        folder: for the state.
        ceiling: None for the product's defaults.
        url: of another state than a SQLite file in the folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: FakeClock | None = None,
        corp: FakeDirectory | None = None,
        ceiling: Ceiling | None = None,
        url: str = "",
    ) -> None:
        self._folder, self._url = folder, url
        self.clock = clock or FakeClock()
        self.corp = corp or FakeDirectory(self.clock)
        self.ceiling = ceiling or ceiling_for_tests()
        self.keys = StateKeys([b"k" * 32])
        self.state = State(Secret(url or f"sqlite:///{folder / 'state.db'}"))
        self.audit = ListAudit()
        self.context = RegisterContext(
            state=self.state, keys=self.keys, clock=self.clock, ceiling=self.ceiling
        )
        core = build_core(self.context)
        self.journal, self.outbox = core.journal, core.outbox
        self.site = FakeSite(
            directories={"corp": self.corp},
            clock=self.clock,
            audit=self.audit,
            register=core.register,
            journal=self.journal,
            anchors=core.anchors,
            outbox=self.outbox,
            ceiling=self.ceiling,
            gates=self.ceiling.ceiling_gates(),
            allowed=tuple(sorted(self.ceiling.operations)),
            ceiling_hash=self.ceiling.digest(),
            notices=self.ceiling.notify.notice_rules(),
            state_id=self.state.id,
        )

    def successor(self) -> "FakeWorker":
        """Start another worker on the same state, as after a crash."""
        return FakeWorker(self._folder, clock=self.clock, corp=self.corp, ceiling=self.ceiling, url=self._url)

    def ask(self, job: Job, *passwords: str, jti: bytes = b"") -> Answer:
        """Do one job; passwords in the order that its class gives."""
        identifier = jti or os.urandom(16)
        expires = int(self.clock.now()) + 120
        assert self.journal.receive(identifier, job, expires=expires)
        answer = self.handle(self.request(job, *passwords, jti=identifier))
        self.journal.keep_answer(identifier, answer)
        return answer

    def handle(self, request: Request[Job]) -> Answer:
        """Hand a job to its handler."""
        return HANDLERS[type(request.job)](request, self.site)

    def request(self, job: Job, *passwords: str, jti: bytes) -> Request[Job]:
        expires = int(self.clock.now()) + 120
        secrets = tuple(Secret(password) for password in passwords)
        return Request(job=job, jti=jti, expires=expires, passwords=lambda: secrets, unwrap=do_nothing)

    def mails(self) -> list[Note]:
        """Take what waits in the outbox."""
        queued: Sequence[Queued] = self.outbox.take(most=100, lease=60)
        for one in queued:
            self.outbox.forget(one)
        return [one.note for one in queued]

    def begin(
        self, name: str, operation: Operation = Operation.RESET, *, chain: bytes | None = None
    ) -> AttemptOpened:
        job = Begin(directory="corp", operation=operation, name=name, chain=chain)
        return facts(self.ask(job), AttemptOpened)

    def sign_in(self, name: str, password: str = PASSWORD) -> SignedIn:
        return facts(self.ask(SignIn(directory="corp", name=name), password), SignedIn)

    def check(self, attempt: bytes, factor: bytes, code: str) -> Answer:
        return self.ask(CheckFactor(directory="corp", attempt=attempt, factor=factor, code=Secret(code)))

    def start(self, attempt: bytes, factor: bytes) -> Answer:
        return self.ask(StartFactor(directory="corp", attempt=attempt, factor=factor))

    def enrol(self, attempt: bytes, method: MethodKind, destination: str | None = None) -> Answer:
        to = None if destination is None else Secret(destination)
        return self.ask(EnrolFactor(directory="corp", attempt=attempt, method=method, destination=to))

    def confirm(self, attempt: bytes, factor: bytes, code: str) -> Answer:
        return self.ask(ConfirmFactor(directory="corp", attempt=attempt, factor=factor, code=Secret(code)))

    def remove(self, attempt: bytes, factor: bytes) -> Answer:
        return self.ask(RemoveFactor(directory="corp", attempt=attempt, factor=factor))

    def list_factors(self, attempt: bytes) -> FactorList:
        return facts(self.ask(ListFactors(directory="corp", attempt=attempt)), FactorList)

    def mailed_code(self) -> str:
        """Take the code out of the newest mail."""
        return self.mails()[-1].parameters["code"]


@dataclass
class Registered:
    """Somebody who has mail and app, and perhaps paper, all old enough for a reset."""

    account: Account
    address: str
    seed: str
    worker: FakeWorker
    paper: list[str] = field(default_factory=list)

    def app_code(self, *, steps: int = 0) -> str:
        """The code that the app shows now, or so many steps later."""
        return totp(self.seed, self.worker.clock.now() + 30 * steps)

    def prove(self, opened: AttemptOpened | SignedIn, *methods: MethodKind) -> None:
        """Pass gates of an attempt."""
        for method in methods:
            handle = next(offer.factor for offer in opened.offers if offer.method is method)
            assert (
                self.worker.check(opened.attempt, handle, self._code(opened, handle, method)).outcome
                == Outcome.DONE
            )

    def _code(self, opened: AttemptOpened | SignedIn, handle: bytes, method: MethodKind) -> str:
        if method is MethodKind.TOTP:
            return self.app_code()
        if method is MethodKind.BACKUP_CODES:
            return self.paper.pop()
        assert self.worker.start(opened.attempt, handle).outcome == Outcome.DONE
        return self.worker.mailed_code()


def step_up(worker: FakeWorker, session: SignedIn) -> None:
    """Step up with a code to the mail address in the directory, as a first registration asks."""
    assert worker.start(session.attempt, session.offers[0].factor).outcome == Outcome.DONE
    code = worker.mailed_code()
    assert worker.check(session.attempt, session.offers[0].factor, code).outcome == Outcome.DONE


def enrol_all(worker: FakeWorker, session: SignedIn, account: Account, address: str) -> Registered:
    """Add mail and app in one session that has stepped up."""
    attempt = session.attempt
    mail = facts(worker.enrol(attempt, MethodKind.EMAIL, address), FactorPending)
    assert worker.confirm(attempt, mail.factor, worker.mailed_code()).outcome == Outcome.DONE
    app = facts(worker.enrol(attempt, MethodKind.TOTP), FactorPending)
    seed = app.secrets[0].reveal()
    assert worker.confirm(attempt, app.factor, totp(seed, worker.clock.now())).outcome == Outcome.DONE
    return Registered(account=account, address=address, seed=seed, worker=worker)


def enrol_paper(worker: FakeWorker, session: SignedIn) -> list[str]:
    """Add backup codes, and return them."""
    paper = facts(worker.enrol(session.attempt, MethodKind.BACKUP_CODES), FactorPending)
    assert worker.confirm(session.attempt, paper.factor, "").outcome == Outcome.DONE
    return [code.reveal() for code in paper.secrets]


def register(worker: FakeWorker, name: str = "alice", *, paper: bool = False) -> Registered:
    """Register somebody through the handlers, and wait until the cool-down is over."""
    account = worker.corp.add(name)
    session = worker.sign_in(name)
    step_up(worker, session)
    person = enrol_all(worker, session, account, f"{name}@home.example")
    person.paper = enrol_paper(worker, session) if paper else []
    worker.mails()
    worker.clock.move(2 * DAY)
    return person


def totp(seed: str, now: float) -> str:
    """Return the code that an authenticator app shows."""
    return App(seed).code(at=now)


def facts(answer: Answer, kind: type[F]) -> F:
    """Return the facts of an answer that must be DONE and have them."""
    assert answer.outcome == Outcome.DONE, answer
    assert isinstance(answer.facts, kind)
    return answer.facts
