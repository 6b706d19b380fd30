"""A worker behind its intake: sealed jobs go in, sealed answers come out; the directory is a fake."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.envelope.keys import PORTAL, SITE, keyring
from tests.fakes.worker import FakeWorker
from writeback.admission import Admission
from writeback.ceiling import Rate
from writeback.envelope.answers import Answer
from writeback.envelope.jobs import Job
from writeback.envelope.keyring import Keyring
from writeback.envelope.sealing import SealedJob, open_answer, seal_job
from writeback.envelope.secret import Secret
from writeback.handlers import HANDLERS
from writeback.intake import Intake, Posted
from writeback.ports import Handler

PLENTY = (Rate(count=1000, seconds=1),)


@dataclass
class Road:
    """One worker process as a portal reaches it.

    Args:
        worker: its register, journal and directory.
        rates: how many jobs it takes.
        handlers: by job class.
    """

    worker: FakeWorker
    rates: tuple[Rate, ...] = PLENTY
    handlers: Mapping[type[Job], Handler] = field(default_factory=lambda: HANDLERS)
    keys: Keyring = field(default_factory=keyring)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.intake = self.make_intake()

    def make_intake(self) -> Intake:
        """Return an intake with empty counters, as after a restart."""
        now = self.worker.clock.now
        return Intake(
            site=self.worker.site,
            keys=lambda: self.keys,
            handlers=self.handlers,
            admission=Admission(self.rates, now),
            questions=Admission(self.rates, now),
        )

    def restarted(self) -> "Road":
        """Return the same worker after a restart, in good health."""
        return Road(worker=self.worker.successor())

    def seal(self, job: Job, *passwords: str) -> SealedJob:
        given = [Secret(text) for text in passwords]
        now = self.worker.clock.now()
        return seal_job(job, passwords=given, to=keyring().recipient(), signer=PORTAL, now=now)

    def give(self, sealed: SealedJob) -> Answer | None:
        """Have a job done and read the answer; None where there is none."""
        return self.read(sealed, self.intake.take(sealed.blob))

    def read(self, sealed: SealedJob, posted: Posted | None) -> Answer | None:
        """Read what the worker has posted."""
        return None if posted is None else open_answer(posted.blob, sent=sealed, site=SITE.public).answer

    def forget_keys(self) -> None:
        """Lose the prekeys, as a rollover does."""
        self.keys = replace(self.keys, prekeys=())
