"""What this process knows of the workers: one object, which is replaced when the sites change."""

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
    """Remembers which workers did not answer lately."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def note(self, place: Place, *, silent: bool) -> None:
        """Remember for a minute that a worker did not answer, or forget it once it has answered."""
        key = (place.site, place.worker)
        if silent:
            self._until[key] = time.monotonic() + _SILENT
        else:
            self._until.pop(key, None)

    def has(self, place: Place) -> bool:
        """Tell whether the worker did not answer lately, so that all others are asked before it."""
        return time.monotonic() < self._until.get((place.site, place.worker), 0.0)


class KnownRules:
    """Keeps the rules of each directory for a while, so that opening a page seldom causes a job."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, PolicyFacts | None]] = {}

    def get(self, directory: str) -> tuple[bool, PolicyFacts | None]:
        """Return whether the kept rules still count, and the rules; None if no worker has told them."""
        until, facts = self._known.get(directory, (0.0, None))
        return time.monotonic() < until, facts

    def keep(self, directory: str, facts: PolicyFacts | None) -> None:
        """Keep the rules for half a minute; if no worker told them, keep that for a second."""
        self._known[directory] = time.monotonic() + (_RULES_KEPT if facts else _NO_RULES_KEPT), facts


class Workers:
    """What one process knows of the workers.

    Args:
        broker: the post box.

    Attributes:
        broker: the post box.
        liveness: the states of the workers, from their heartbeats.
        silences: which of them did not answer lately.
        rules: the directories' rules that they have told.
        recorded: the findings that this process knows to be in the audit.
        remembered: the troubles that this process knows to be saved; None before the first time.
        remembered_reads: the number of reads of the post box at that time.
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
        """Return P-sig; while it can't be read, log why, return None, and try again at the next call."""
        if self._key is None:
            try:
                self._key = read_portal_key()
            except ImproperlyConfigured as error:
                logger.error("%s", error)  # noqa: TRY400  # the sentence says it all
        return self._key

    def places(self) -> list[Place]:
        """Return the paired workers that may be used."""
        return self._places.read()

    def directories_of(self, site: str) -> tuple[str, ...]:
        """Return the ids of the directories that pairing pinned to a site."""
        return next((place.directories for place in self.places() if place.site == site), ())

    def usable(self, *, fresh: bool = False) -> list[KnownWorker]:
        """Return the workers of sites whose living workers all use the state that pairing pinned.

        Args:
            fresh: True reads the heartbeats again even if less than a second has passed.
        """
        seen = self.liveness.look(self.places(), fresh=fresh)
        split = {worker.place.site for worker in seen if worker.has_other_state()}
        return [worker for worker in seen if worker.place.site not in split]


class _Process:
    """Holds the one Workers object of this process."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.workers: Workers | None = None


_process = _Process()


def known_workers() -> Workers:
    """Return the Workers object of this process; the first call makes it."""
    with _process.lock:
        if _process.workers is None:
            _process.workers = Workers(import_string(settings.KEYBACK_BROKER)())
        return _process.workers


def replace_workers(workers: Workers | None = None) -> None:
    """Replace the Workers object of this process.

    Args:
        workers: the new one; None to have the next call make one that knows nothing.
    """
    with _process.lock:
        _process.workers = workers
