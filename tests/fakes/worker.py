"""The one stand-in for a worker: its memory, site and intake are real, directory and time are fakes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from deploy.dev.demo.registering import App
from tests.envelope.examples import enrolment, heartbeat
from tests.envelope.keys import PORTAL, SITE, keyring
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.memory import ListAudit
from writeback.admission import Admission
from writeback.assembly import build_core, build_site
from writeback.ceiling import Attempts, Ceiling, Limits, Notify, Rate, Scope
from writeback.ceiling.denied import DeniedGroups
from writeback.envelope.answers import Answer, AttemptOpened, FactorList, FactorPending, Outcome, SignedIn
from writeback.envelope.facts import Facts
from writeback.envelope.heartbeats import sign_heartbeat
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
from writeback.envelope.pairing import SiteEnrolment
from writeback.envelope.sealing import SealedJob, open_answer, seal_job
from writeback.envelope.secret import Secret
from writeback.handlers import HANDLERS
from writeback.intake import Intake, Posted
from writeback.ports import Account, Handler, Note, Queued, Request, do_nothing
from writeback.proof import RegisterContext
from writeback.state import State, StateKeys
from writeback.state.tables import hits
from writeback.state.worries import BROKEN_AUDIT, CLOSED, UNREADABLE

DAY = 24 * 3600
PASSWORD = "Winter-rain-42"
PLENTY = (Rate(count=1000, seconds=1),)
"""More jobs than a test has while its clock stands still."""
F = TypeVar("F", bound=Facts)


def ceiling_for_tests() -> Ceiling:
    """The product's defaults, for the fake directory."""
    return Ceiling(
        scope=Scope(bases=("OU=Staff,DC=corp,DC=example", "OU=Staff,DC=eu,DC=example")),
        notify=Notify(contact="helpdesk@corp.example"),
        operations=frozenset(kind.__name__ for kind in JOBS.values()),
    )


def open_ceiling() -> Ceiling:
    """Return the same, but that nobody waits for a new factor or another mail."""
    return replace(
        ceiling_for_tests(), limits=Limits(new_factor_cooldown=0), attempts=Attempts(resend_wait=1)
    )


class FakeWorker:
    """A worker within the test's own process, whose directory and time are in the test's hands.

    `ask` hands a job to its handler, as intake does; `give` has a sealed job done, as a portal does.

    Args:
        folder: for the state.
        ceiling: None for the product's defaults.
        url: of another state than a SQLite file in the folder.

    Attributes:
        keyring: what intake opens jobs with.
        shown: how many codes of an authenticator app a test has typed, by seed.
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
        self.site = build_site(
            self.context,
            core,
            name="main",
            directories={"corp": self.corp},
            denied={"corp": DeniedGroups((), self.clock)},
            clock=self.clock,
            clock_is_off=lambda: 0.0,
            audit=self.audit,
            couriers=(),
            worker="w1",
            version="0",
            sign=SITE.sign,
        )
        self.keyring = keyring()
        self.shown: dict[str, int] = {}
        self.renew_intake()

    def renew_intake(
        self, *, rates: Sequence[Rate] = PLENTY, handlers: Mapping[type[Job], Handler] = HANDLERS
    ) -> None:
        """Take an intake with empty counters, as after a restart.

        Args:
            rates: how many jobs it takes, and how many questions about jobs.
            handlers: by job class.
        """
        admission, questions = (Admission(rates, self.clock.now) for _ in range(2))
        self.intake = Intake(
            site=self.site,
            keys=lambda: self.keyring,
            handlers=handlers,
            admission=admission,
            questions=questions,
        )

    def successor(self) -> "FakeWorker":
        """Start another worker on the same state, as after a crash."""
        return FakeWorker(self._folder, clock=self.clock, corp=self.corp, ceiling=self.ceiling, url=self._url)

    def deny(self, *groups: str) -> None:
        """Name groups whose members are never touched; one that the directory lacks protects nobody."""
        self.site.denied = {"corp": DeniedGroups([(self.corp, groups)], self.clock)}

    def serve(self, *directories: FakeDirectory) -> None:
        """Serve these directories instead."""
        self.site.directories = {directory.id: directory for directory in directories}
        self.site.denied = {directory.id: DeniedGroups((), self.clock) for directory in directories}

    def worries(self) -> set[str]:
        """Return what administrators are told of, such as `unreadable:` and an objectGUID in hex."""
        with self.state.reading() as tx:
            counted: Sequence[str] = tx.execute(select(hits.c.subject)).scalars().all()
        kinds = tuple(f"{kind}:" for kind in (UNREADABLE, CLOSED, BROKEN_AUDIT))
        return {subject for subject in counted if subject.startswith(kinds)}

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

    def seal(self, job: Job, *passwords: str) -> SealedJob:
        """Seal a job as a portal does that knows this worker's usual keys."""
        given = [Secret(text) for text in passwords]
        return seal_job(job, passwords=given, to=keyring().recipient(), signer=PORTAL, now=self.clock.now())

    def give(self, sealed: SealedJob) -> Answer | None:
        """Have a sealed job done and read the answer; None where there is none."""
        return self.read(sealed, self.intake.take(sealed.blob))

    def read(self, sealed: SealedJob, posted: Posted | None) -> Answer | None:
        """Read what the worker has posted."""
        return None if posted is None else open_answer(posted.blob, sent=sealed, site=SITE.public).answer

    def forget_prekeys(self) -> None:
        """Lose the prekeys, as a rollover does."""
        self.keyring = replace(self.keyring, prekeys=())

    def enrolment(self) -> SiteEnrolment:
        """Return what a portal pins."""
        return replace(enrolment(SITE.public.raw), state=self.site.state_id)

    def heartbeat(self) -> bytes:
        """Return a signed sign of life."""
        to = self.keyring.recipient()
        beat = heartbeat(prekey=to.prekey, rsa=to.rsa, time=int(self.clock.now()))
        told = replace(
            beat,
            couriers=(),
            ceiling_hash=self.site.ceiling_hash,
            version=self.site.version,
            state=self.site.state_id,
        )
        return sign_heartbeat(told, SITE)

    def mails(self) -> list[Note]:
        """Take what waits in the outbox, the oldest first."""
        queued: Sequence[Queued] = self.outbox.take(most=100, lease=60)
        for one in queued:
            self.outbox.forget(one)
        return [one.note for one in queued]

    def mailed_code(self) -> str:
        """Take all mails, and return the newest code in them."""
        return [note.parameters["code"] for note in self.mails() if "code" in note.parameters][-1]

    def begin(
        self, name: str, operation: Operation = Operation.RESET, *, chain: bytes | None = None
    ) -> AttemptOpened:
        job = Begin(site="main", operation=operation, name=name, chain=chain)
        return facts(self.ask(job), AttemptOpened)

    def sign_in(self, name: str, password: str = PASSWORD) -> SignedIn:
        return facts(self.ask(SignIn(site="main", name=name), password), SignedIn)

    def check(self, attempt: bytes, factor: bytes, code: str) -> Answer:
        return self.ask(CheckFactor(site="main", attempt=attempt, factor=factor, code=Secret(code)))

    def start(self, attempt: bytes, factor: bytes) -> Answer:
        return self.ask(StartFactor(site="main", attempt=attempt, factor=factor))

    def enrol(self, attempt: bytes, method: MethodKind, destination: str | None = None) -> Answer:
        to = None if destination is None else Secret(destination)
        return self.ask(EnrolFactor(site="main", attempt=attempt, method=method, destination=to))

    def confirm(self, attempt: bytes, factor: bytes, code: str) -> Answer:
        return self.ask(ConfirmFactor(site="main", attempt=attempt, factor=factor, code=Secret(code)))

    def remove(self, attempt: bytes, factor: bytes) -> Answer:
        return self.ask(RemoveFactor(site="main", attempt=attempt, factor=factor))

    def list_factors(self, attempt: bytes) -> FactorList:
        return facts(self.ask(ListFactors(site="main", attempt=attempt)), FactorList)


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
