"""What every test may ask for: a real Active Directory, a real Redis, a real mail server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.mailbox import Mailbox
from deploy.demo.redis import RedisServer
from deploy.lab import Lab, TakenError
from deploy.lab.certificates import Authority

VAR = Path(__file__).resolve().parents[1] / "var"


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The forest CORP.EXAMPLE, fresh from its snapshot; a run beside another one takes the next address."""
    started = _first_free_lab()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def seat(lab: Lab) -> int:
    """A number that no other test run on this machine has at this time, for further addresses and folders."""
    return int(lab.address.rpartition(".")[2])


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis with TLS, the accounts of site `main` with workers `w1` and `w2`, and one for the attacker."""
    home = tmp_path_factory.mktemp("redis")
    server = RedisServer(home, workers=("w1", "w2"), authority=Authority.create(home), admin=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """A mail server that keeps what it gets; take its `count` before, and wait for mail after that."""
    server = Mailbox()
    server.start()
    yield server
    server.stop()


def _first_free_lab() -> Lab:
    for number in range(10, 20):
        lab = Lab(VAR / f"test-lab-{number}", f"127.0.20.{number}")
        try:
            lab.start()
        except TakenError:
            continue
        return lab
    raise TakenError("Ten test runs hold their labs on this machine; end one of them.")
