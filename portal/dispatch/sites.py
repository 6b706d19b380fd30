"""The paired sites as they are in the database."""

import logging
import time
from collections.abc import Iterable
from threading import Lock

from portal.dispatch.liveness import Place
from portal.dispatch.models import Site
from portal.dispatch.rules import Served, are_too_many

FRESH = 1.0

logger = logging.getLogger(__name__)


class Places:
    """The paired workers, read from the database at most once a second; none if several sites are enabled."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._read_at = float("-inf")
        self._were_too_many = False
        self._lock = Lock()

    def read(self) -> list[Place]:
        """Return the workers of the enabled site."""
        with self._lock:
            if time.monotonic() - self._read_at >= FRESH:
                self._places = self._read()
                self._read_at = time.monotonic()
            return self._places

    def _read(self) -> list[Place]:
        sites = list(Site.objects.filter(enabled=True))
        too_many = are_too_many(list_served(sites))
        if too_many and not self._were_too_many:
            logger.error("More than one of the sites is switched on: none is used. See: manage.py check.")
        self._were_too_many = too_many
        return [] if too_many else [place for site in sites for place in _make_places(site)]


def list_served(sites: Iterable[Site]) -> list[Served]:
    """Return what each site serves."""
    return [Served(site=site.name, directories=tuple(site.directories)) for site in sites]


def _make_places(site: Site) -> list[Place]:
    return [
        Place(
            site=site.name,
            worker=worker,
            key=site.key,
            directories=tuple(site.directories),
            state=bytes.fromhex(site.state),
        )
        for worker in site.workers
    ]
