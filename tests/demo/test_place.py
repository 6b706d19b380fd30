"""Two demos on one machine: the second takes a free network and a free port, and says which."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.dev.demo import place
from deploy.dev.demo.place import MAIL_PORT, Place, read_place, take_place
from deploy.dev.lab.__main__ import ADDRESSES, free_address
from deploy.dev.processes import SetupError, hold_name

pytestmark = pytest.mark.lab


@pytest.fixture
def first() -> Iterator[Place]:
    """The place of the first demo; its portal does not listen yet."""
    with take_place(None, None) as taken:
        yield taken


def test_the_second_demo_takes_another_network_and_another_port(first: Place) -> None:
    with take_place(None, None) as second:
        assert second.network != first.network
        assert second.port != first.port
        assert not second.is_usual


def test_a_network_or_port_of_another_program_is_skipped(first: Place) -> None:
    with take_place(None, None) as free:
        pass
    with (
        socket.create_server((free.mail, MAIL_PORT)),
        socket.create_server((place.WEB, free.port)),
        take_place(None, None) as taken,
    ):
        assert taken.network not in (first.network, free.network)
        assert taken.port not in (first.port, free.port)


def test_a_named_network_is_refused_if_another_demo_has_it(first: Place) -> None:
    with (
        pytest.raises(SetupError, match=rf"networks that this one could use \({first.network}\)"),
        take_place(first.network, None),
    ):
        pass


def test_a_named_port_that_is_taken_is_refused_and_its_network_released(first: Place) -> None:
    with (
        pytest.raises(SetupError, match=f"needs port {first.port} of {place.WEB}"),
        take_place("127.0.99", first.port),
    ):
        pass
    with take_place("127.0.99", None) as taken:
        assert taken.network == "127.0.99"


def test_the_place_of_an_ended_demo_is_free_again(first: Place) -> None:
    with take_place(None, None) as second:
        pass
    with take_place(None, None) as third:
        assert third == second


def test_the_folder_of_a_demo_stores_its_network_and_port(tmp_path: Path) -> None:
    Place("127.0.12", 8003).write(tmp_path)
    assert read_place(tmp_path) == Place("127.0.12", 8003)
    assert [Place("127.0.12", 8003).is_usual, Place("127.0.10", 8000).is_usual] == [False, True]


def test_a_second_lab_takes_the_next_address() -> None:
    with ExitStack() as undo:
        taken = free_address()
        held = hold_name(f"keyback-lab/{taken}")
        assert held
        undo.enter_context(held)
        assert free_address() in ADDRESSES[ADDRESSES.index(taken) + 1 :]
