"""A worker whose answers the test decides, and its keys."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.envelope.examples import STATE, heartbeat
from tests.envelope.keys import SITE, keyring, prekey
from writeback.envelope.answers import Answer, DirectoryState, Outcome
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.heartbeats import DirectoryLight, sign_heartbeat
from writeback.envelope.keyring import Keyring, SigningKey, VerifyKey
from writeback.envelope.sealing import authenticate, open_package, seal_answer


@dataclass
class PlayedWorker:
    """A worker of the site `main`.

    Args:
        portal: the key of the portal that asks.
        now: Unix time in seconds.
        says: the outcome of each job, in order; the last one stays.
    """

    portal: VerifyKey
    now: Callable[[], float]
    says: list[Outcome] = field(default_factory=lambda: [Outcome.DONE])
    keys: Keyring = field(default_factory=keyring)
    identity: SigningKey = SITE
    name: str = "w1"
    before: list[bytes] = field(default_factory=list)

    def beat(
        self, *, age: float = 0, state: DirectoryState = DirectoryState.UP, oldest_job: int = 0
    ) -> bytes:
        """Return a signed heartbeat of that age."""
        to = self.keys.recipient()
        beat = heartbeat(prekey=to.prekey, rsa=to.rsa, time=int(self.now() - age))
        lights = (DirectoryLight(directory="corp", state=state),)
        said = replace(beat, worker=self.name, directories=lights, oldest_job=oldest_job)
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
        said = Answer(outcome=outcome)
        told = seal_answer(
            said, to=job, identity=self.identity, worker=self.name, state=STATE, now=self.now()
        )
        return [*self.before, told]
