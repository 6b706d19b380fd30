"""Where on this machine a demo is: loopback addresses and a port of its own, beside those of other demos."""

import json
import socket
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from deploy.lab.controller import address_is_free
from deploy.processes import SetupError, hold_name, port_is_free, wait_until

WEB = "127.0.0.1"
REDIS_PORT = 6379
MAIL_PORT = 2525
NETWORKS = tuple(f"127.0.{number}" for number in range(10, 20))
WEB_PORTS = tuple(range(8000, 8020))
_PATIENCE = 3.0
"""Seconds that the parts of a demo that was just killed may take to let go of their ports."""
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
        """Whether it is where the documents say that the demo is."""
        return (self.network, self.port) == (NETWORKS[0], WEB_PORTS[0])

    def write(self, home: Path) -> None:
        """Keep it in the demo's folder, where whoever wants to use the demo finds it."""
        (home / _FILE).write_text(json.dumps(asdict(self)))


def read_place(home: Path) -> Place:
    """Return where the demo of this folder is.

    Raises:
        OSError: none has said so.
    """
    return Place(**json.loads((home / _FILE).read_text()))


def take_place(network: str | None, port: int | None) -> tuple[Place, socket.socket]:
    """Return a place that no other demo has, and what holds it until it is closed or this process ends.

    Args:
        network: the one that is wanted, or None for the first that is free.
        port: the one that is wanted, or None for the first that is free.

    Raises:
        SetupError: what is wanted is taken, or all are.
    """
    held, found = _take_network(NETWORKS if network is None else (network,), named=network is not None)
    try:
        return Place(found, _free_web_port() if port is None else _need_web_port(port)), held
    except SetupError:
        held.close()
        raise


def _take_network(networks: Iterable[str], *, named: bool) -> tuple[socket.socket, str]:
    taken = []
    for network in networks:
        held = hold_name(f"keyback-demo/{network}")
        if held is not None and (named or _is_free(network)):  # who names one is told what holds it
            return held, network
        if held is not None:
            held.close()
        taken.append(network)
    raise SetupError(
        f"Other demos or programs have all loopback networks that this one could use ({', '.join(taken)}); "
        "end one, or name another: python -m deploy.demo --network 127.0.40"
    )


def _is_free(network: str) -> bool:
    place = Place(network, 0)
    servers = ((place.redis, REDIS_PORT), (place.mail, MAIL_PORT))
    return address_is_free(place.directory) and all(
        wait_until(partial(port_is_free, *server), seconds=_PATIENCE) for server in servers
    )


def _free_web_port() -> int:
    for port in WEB_PORTS:
        if port_is_free(WEB, port):
            return port
    raise SetupError(
        f"The portal found no free port from {WEB_PORTS[0]} to {WEB_PORTS[-1]} of {WEB}; "
        "name another: make demo PORT=8100"
    )


def _need_web_port(port: int) -> int:
    if wait_until(partial(port_is_free, WEB, port), seconds=_PATIENCE):
        return port
    raise SetupError(
        f"The portal needs port {port} of {WEB}, which another program holds; "
        "without PORT=… make demo takes one that is free."
    )
