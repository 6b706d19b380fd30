"""A password goes only to a controller whose certificate holds."""

import socket
import ssl
import threading
import time

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.ldap_server import LdapServer, only_tls_1_1
from tests.writeback.directory.conftest import DC1, MakeDirectory, MakeServer, an_account
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import DirectoryState
from writeback.envelope.secret import Secret
from writeback.ports import DirectoryAway


def assert_no_bind(directory: ActiveDirectory, trap: LdapServer) -> None:
    """Neither the service account's password nor a person's may reach the trap."""
    with pytest.raises(DirectoryAway):
        directory.find("alice")
    with pytest.raises(DirectoryAway):
        directory.check_password(an_account(), Secret("Correct-Horse-1"))
    assert directory.health().state is DirectoryState.DOWN
    assert trap.received.connections > 0
    assert trap.received.raw == []


def test_a_certificate_of_the_authority_for_the_name_is_taken(
    make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    directory = make_directory(make_server())
    found = directory.find("alice")
    assert found is not None
    assert found.name == "alice"


def test_a_self_signed_certificate_gets_no_bind(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    trap = make_server(certificate=authority.self_signed(DC1))
    assert_no_bind(make_directory(trap), trap)


def test_a_certificate_for_another_name_gets_no_bind(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    trap = make_server(certificate=authority.issue("dc1.evil.example"))
    assert_no_bind(make_directory(trap), trap)


def test_an_expired_certificate_gets_no_bind(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    trap = make_server(certificate=authority.issue(DC1, begin=-9, end=-1))
    assert_no_bind(make_directory(trap), trap)


def test_a_certificate_that_is_not_valid_yet_gets_no_bind(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    trap = make_server(certificate=authority.issue(DC1, begin=1, end=9))
    assert_no_bind(make_directory(trap), trap)


def test_another_authority_gets_no_bind(
    tmp_path_factory: pytest.TempPathFactory, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    stranger = Authority.create(tmp_path_factory.mktemp("stranger"))
    trap = make_server(certificate=stranger.issue(DC1))
    assert_no_bind(make_directory(trap), trap)


def test_tls_1_1_is_not_spoken(make_server: MakeServer, make_directory: MakeDirectory) -> None:
    trap = make_server()
    trap.speak_old_tls()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    only_tls_1_1(old)
    with socket.create_connection((trap.address, trap.port)) as plain, old.wrap_socket(plain) as secure:
        assert secure.version() == "TLSv1.1"  # whoever speaks it is served
    assert_no_bind(make_directory(trap), trap)


def test_a_server_that_speaks_in_clear_hears_no_password(make_directory: MakeDirectory) -> None:
    heard: list[bytes] = []

    def listen(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(2)
            heard.append(connection.recv(4096))
            connection.sendall(b"0\x0c\x02\x01\x01a\x07\n\x01\x00\x04\x00\x04\x00")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=(listener,))
        thread.start()
        directory = make_directory(hosts=(f"{DC1}@127.0.0.1:{listener.getsockname()[1]}",))
        with pytest.raises(DirectoryAway):
            directory.check_password(an_account(), Secret("Correct-Horse-1"))
        thread.join(5)
    assert [data[:1] for data in heard] == [b"\x16"]  # a TLS hello, and nothing else
    assert b"Correct-Horse-1" not in heard[0]


def test_a_server_that_never_shakes_hands_is_left_at_the_deadline(make_directory: MakeDirectory) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel accepts, and nobody answers
        directory = make_directory(
            hosts=(f"{DC1}@127.0.0.1:{listener.getsockname()[1]}",), receive_timeout=10, total_deadline=2
        )
        begun = time.monotonic()
        with pytest.raises(DirectoryAway):
            directory.find("alice")
        assert time.monotonic() - begun < 2


def test_the_fault_of_the_certificate_is_reported_to_the_admin(
    authority: Authority, make_server: MakeServer, make_directory: MakeDirectory
) -> None:
    trap = make_server(certificate=authority.issue(DC1, begin=-9, end=-1))
    assert f"the certificate of {DC1} has expired" in make_directory(trap).health().detail
