"""What this process knows of the workers, in one object that lives until the sites change."""

import logging
import time
from threading import Lock

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from portal.dispatch.broker import Broker
from portal.dispatch.keys import read_portal_key
from portal.dispatch.liveness import KnownWorker, Liveness, Place
from portal.dispatch.rules import Finding
from portal.dispatch.sites import Places
from writeback.envelope.answers import PolicyFacts
from writeback.envelope.keyring import SigningKey

_RULES_KEPT = 30.0
_NO_RULES_KEPT = 1.0
_SILENT = 60.0

logger = logging.getLogger(__name__)


class Silences:
    """Which workers did not answer lately."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def note(self, place: Place, *, silent: bool) -> None:
        """Remember for a minute that a worker did not answer; forget it when it does."""
        key = (place.site, place.worker)
        if silent:
            self._until[key] = time.monotonic() + _SILENT
        else:
            self._until.pop(key, None)

    def has(self, place: Place) -> bool:
        """Tell whether the worker's turn comes after those of all others."""
        return time.monotonic() < self._until.get((place.site, place.worker), 0.0)


class KnownRules:
    """What the workers told of each directory's rules, so that a visit to a page is seldom a job."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, PolicyFacts | None]] = {}

    def get(self, directory: str) -> tuple[bool, PolicyFacts | None]:
        """Return whether something fresh is known, and what; None where no worker told."""
        until, facts = self._known.get(directory, (0.0, None))
        return time.monotonic() < until, facts

    def keep(self, directory: str, facts: PolicyFacts | None) -> None:
        """Remember the rules for half a minute; that no worker told them, only for a moment."""
        self._known[directory] = time.monotonic() + (_RULES_KEPT if facts else _NO_RULES_KEPT), facts


class Workers:
    """What one process knows of the workers.

    Args:
        broker: the post box.

    Attributes:
        broker: the post box.
        liveness: how the workers are, by their heartbeats.
        silences: which of them did not answer lately.
        rules: what they told of the directories' rules.
        recorded: the findings that this process has seen to be in the audit.
        remembered, remembered_reads: the troubles that this process knows to be saved, and after which read.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.liveness = Liveness(broker)
        self.silences, self.rules = Silences(), KnownRules()
        self.recorded: frozenset[Finding] = frozenset()
        self.remembered: frozenset[tuple[str, str]] | None = None
        self.remembered_reads = 0
        self._places = Places()
        self._key: SigningKey | None = None

    def key(self) -> SigningKey | None:
        """Return P-sig, read until it is found; None, and a line in the log, while none can be used."""
        if self._key is None:
            try:
                self._key = read_portal_key()
            except ImproperlyConfigured as error:
                logger.error("%s", error)  # noqa: TRY400  # the sentence says it all
        return self._key

    def places(self) -> list[Place]:
        """Return the paired workers that may be used."""
        return self._places.read()

    def usable(self, *, fresh: bool = False) -> list[KnownWorker]:
        """Return the workers of sites whose living workers all use the state that pairing pinned.

        Args:
            fresh: True reads the heartbeats again although less than a second has passed.
        """
        seen = self.liveness.look(self.places(), fresh=fresh)
        split = {worker.place.site for worker in seen if worker.has_other_state()}
        return [worker for worker in seen if worker.place.site not in split]


class _Process:
    """Holds the one object of this process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.workers: Workers | None = None


_process = _Process()


def known_workers() -> Workers:
    """Return what this process knows of the workers; it is made at the first call."""
    with _process.lock:
        if _process.workers is None:
            _process.workers = Workers(import_string(settings.KEYBACK_BROKER)())
        return _process.workers


def replace_workers(workers: Workers | None = None) -> None:
    """Put something else in the place of all that this process knows of the workers.

    Args:
        workers: None has it made anew at the next call, with nothing known.
    """
    with _process.lock:
        _process.workers = workers
