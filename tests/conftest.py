"""What every test may ask for: a real Active Directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.lab import HomeTakenError, Lab

VAR = Path(__file__).resolve().parents[1] / "var"


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The forest CORP.EXAMPLE, fresh from its snapshot; a run beside another one takes the next address."""
    started = _first_free_lab()
    yield started
    started.stop()


def _first_free_lab() -> Lab:
    for number in range(10, 20):
        lab = Lab(VAR / f"test-lab-{number}", f"127.0.20.{number}")
        try:
            lab.start()
        except HomeTakenError:
            continue
        return lab
    raise HomeTakenError("Ten test runs hold their labs on this machine; end one of them.")
