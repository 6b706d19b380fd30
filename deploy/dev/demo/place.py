"""A demo's own loopback addresses and port, so that several demos can run on one machine."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from deploy.dev.lab.controller import address_is_free
from deploy.dev.processes import SetupError, hold_name, port_is_free, wait_until

WEB = "127.0.0.1"
REDIS_PORT = 6379
MAIL_PORT = 2525
NETWORKS = tuple(f"127.0.{number}" for number in range(10, 20))
WEB_PORTS = tuple(range(8000, 8020))
_PATIENCE = 3.0
"""Seconds in which the parts of a just killed demo release their ports."""
_FILE = "place.json"


@dataclass(frozen=True)
class Place:
    """The first three numbers of a demo's loopback addresses, and the port of its portal."""

    network: str
    port: int

    @property
    def directory(self) -> str:
        """The address of the forest."""
        return f"{self.network}.10"

    @property
    def redis(self) -> str:
        """The address of Redis."""
        return f"{self.network}.20"

    @property
    def mail(self) -> str:
        """The address of the mail server."""
        return f"{self.network}.30"

    @property
    def is_usual(self) -> bool:
        """Whether it is the place that the documents name."""
        return (self.network, self.port) == (NETWORKS[0], WEB_PORTS[0])

    def write(self, home: Path) -> None:
        """Write it into the demo's folder for other programs to find."""
        (home / _FILE).write_text(json.dumps(asdict(self)))


def read_place(home: Path) -> Place:
    """Return the place of the demo in this folder.

    Raises:
        OSError: no demo has written it.
    """
    return Place(**json.loads((home / _FILE).read_text()))


@contextmanager
def take_place(network: str | None, port: int | None) -> Iterator[Place]:
    """Hold a place that no other demo has, until the block or this process ends.

    The port is held by a name as well, since the portal starts to listen long after it was chosen.

    Args:
        network: the wanted network, or None for the first free one.
        port: the wanted port, or None for the first free one.

    Raises:
        SetupError: the wanted one is taken, or all are.
    """
    with ExitStack() as held:
        found = _take_network(held, NETWORKS if network is None else (network,), named=network is not None)
        yield Place(found, _take_web_port(held) if port is None else _need_web_port(held, port))


def _take_network(held: ExitStack, networks: Sequence[str], *, named: bool) -> str:
    for network in networks:
        # If the user named it, a later error says which program holds it.
        if _hold(held, network, partial(_is_free, network, anyway=named)):
            return network
    raise SetupError(
        f"Other demos or programs have all networks that this one could use ({', '.join(networks)}); "
        "end one, or name another: python -m deploy.dev.demo --network 127.0.40"
    )


def _hold(held: ExitStack, what: str, is_free: Callable[[], bool]) -> bool:
    """Hold a network or a port by its name if it is free and no other demo has it; tell whether it was."""
    name = hold_name(f"keyback-demo/{what}")
    if name is None:
        return False
    if not is_free():
        name.close()
        return False
    held.enter_context(name)
    return True


def _is_free(network: str, *, anyway: bool) -> bool:
    if anyway:
        return True
    place = Place(network, 0)
    servers = ((place.redis, REDIS_PORT), (place.mail, MAIL_PORT))
    return address_is_free(place.directory) and all(
        wait_until(partial(port_is_free, *server), seconds=_PATIENCE) for server in servers
    )


def _take_web_port(held: ExitStack) -> int:
    for port in WEB_PORTS:
        if _hold(held, str(port), partial(port_is_free, WEB, port)):
            return port
    raise SetupError(
        f"The portal found no free port from {WEB_PORTS[0]} to {WEB_PORTS[-1]} of {WEB}; "
        "name another: make demo PORT=8100"
    )


def _need_web_port(held: ExitStack, port: int) -> int:
    free = partial(port_is_free, WEB, port)
    if _hold(held, str(port), lambda: wait_until(free, seconds=_PATIENCE)):
        return port
    raise SetupError(
        f"The portal needs port {port} of {WEB}, which another program holds; "
        "without PORT=… make demo takes one that is free."
    )
