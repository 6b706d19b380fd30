"""What a service manager is told of the worker."""

import socket
from pathlib import Path

import pytest

from writeback.systemd import notify

pytestmark = pytest.mark.linux

OPEN = Path("/proc/self/fd")


def listening(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address)
    listener.settimeout(5)
    return listener


@pytest.mark.parametrize("named", ["file", "@name"])
def test_systemd_is_notified_in_one_datagram(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    address = str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", address if named == "file" else f"@{address}")
    with listening(address if named == "file" else f"\0{address}") as listener:
        notify("READY=1", "STATUS=It runs.")
        assert listener.recv(1000) == b"READY=1\nSTATUS=It runs."


@pytest.mark.parametrize("address", [None, "", "/no/such/socket", "x" * 500])
def test_without_a_listener_nothing_happens(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    before = len(list(OPEN.iterdir()))
    notify("READY=1")
    assert len(list(OPEN.iterdir())) == before
