"""A worker whose answers the test decides, its keys, and a portal that is paired with it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from portal.dispatch.workers import replace_workers
from tests.envelope.examples import STATE, heartbeat
from tests.envelope.keys import SITE, keyring, prekey
from tests.fakes.post_box import MemoryBroker
from writeback.envelope.answers import Answer, DirectoryState, Outcome
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.facts import Facts
from writeback.envelope.heartbeats import DirectoryStatus, sign_heartbeat
from writeback.envelope.keyring import Keyring, SigningKey, VerifyKey
from writeback.envelope.sealing import authenticate, open_package, seal_answer


@dataclass
class PlayedWorker:
    """A worker of the site `main`.

    Args:
        portal: the key of the portal that asks.
        now: Unix time in seconds.
        says: the outcome of each job, in order; the last one stays.
        facts: what its answers say besides that.
    """

    portal: VerifyKey
    now: Callable[[], float]
    says: list[Outcome] = field(default_factory=lambda: [Outcome.DONE])
    facts: Facts | None = None
    keys: Keyring = field(default_factory=keyring)
    identity: SigningKey = SITE
    name: str = "w1"
    before: list[bytes] = field(default_factory=list)
    state_id: bytes = STATE

    def beat(
        self,
        *,
        age: float = 0,
        state: DirectoryState = DirectoryState.UP,
        oldest_job: int = 0,
        **more: Any,
    ) -> bytes:
        """Return a signed heartbeat of that age; `more` takes the place of what it would say."""
        to = self.keys.recipient()
        beat = heartbeat(prekey=to.prekey, rsa=to.rsa, time=int(self.now() - age))
        directories: Any = (DirectoryStatus(directory="corp", state=state),)
        told = {"worker": self.name, "directories": directories, "oldest_job": oldest_job}
        told["state"] = self.state_id
        said = replace(beat, **(told | more))
        return sign_heartbeat(said, self.identity)

    def roll(self) -> None:
        """Forget the prekey and take a new one."""
        self.keys = replace(self.keys, prekeys=(prekey("next prekey"),))

    def do(self, worker: str, sealed: bytes) -> list[bytes]:
        """Answer a job; what stands in `before` comes first."""
        job = authenticate(sealed, self.portal)
        try:
            open_package(job, self.keys)
            outcome = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        except EnvelopeError:
            outcome = Outcome.REKEY
        said = Answer(outcome=outcome, facts=self.facts)
        told = seal_answer(
            said, to=job, identity=self.identity, worker=self.name, state=self.state_id, now=self.now()
        )
        return [*self.before, told]


@dataclass
class Stage:
    """What a test holds in its hands."""

    box: MemoryBroker
    worker: PlayedWorker

    def beat(self, *, age: float = 0, **said: Any) -> None:
        """Have the worker set a heartbeat; `said` takes the place of what it would say."""
        self.box.beats["main", self.worker.name] = self.worker.beat(age=age, **said)

    def restart_portal(self) -> None:
        """Have the portal forget what it knows of the workers, as a new process of it knows nothing."""
        replace_workers()
