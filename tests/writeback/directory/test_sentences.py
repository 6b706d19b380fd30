"""What administrators read where a controller can't be used: words and a remedy, no library's own text."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.fakes.ldap_server import BIND, Answer, LdapServer
from tests.writeback.directory.conftest import DC1, MakeDirectory
from writeback.directory.active_directory import ActiveDirectory
from writeback.directory.sentences import of_bind
from writeback.directory.settings import Host

pytestmark = pytest.mark.slow

AD = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {}, v1db1"
CODES = {
    "525": "knows no account with the name",
    "52e": "refuses the name or password of the service account",
    "52f": "because of a restriction",
    "530": "does not let the service account sign in at this hour",
    "531": "does not let the service account sign in from this machine",
    "532": "the password of the service account has expired",
    "533": "the service account is disabled",
    "568": "the service account is in too many groups",
    "701": "the service account has expired",
    "773": "the service account must change its password",
    "775": "the service account is locked",
}


def raw(text: str) -> bool:
    """Tell whether a text is one of those that only their makers understand."""
    return any(word in text for word in ("LDAPSocket", "Error(", "DSID", "_ssl.c", "v1db1", "Errno"))


@pytest.mark.parametrize(("code", "says"), CODES.items())
def test_each_refusal_of_the_service_account_is_a_sentence_with_a_remedy(
    directory: ActiveDirectory, server: LdapServer, code: str, says: str
) -> None:
    server.answers[BIND] = lambda body: Answer(code=49, message=AD.format(code))

    detail = directory.health().detail

    assert says in detail
    assert f"(data {code}); " in detail
    assert not raw(detail)


def test_a_refusal_without_a_code_counts_as_a_wrong_password() -> None:
    told = of_bind(Host(name=DC1), result=49, code=-1, text="49 invalidCredentials: ")

    assert told.says == f"{DC1} refuses the name or password of the service account"
    assert told.mend


def in_clear(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"220 mail.corp.example ESMTP\r\n")


def silent(connection: socket.socket) -> None:
    while connection.recv(4096):  # until the client has had enough
        pass


def serve(listener: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(ConnectionError):
                behave(connection)


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (in_clear, f"{DC1} does not speak TLS 1.2 or newer on port "),
        (silent, f"{DC1} does not answer in time on port "),
    ],
)
def test_a_server_that_is_no_controller_is_named(
    make_directory: MakeDirectory, behave: Callable[[socket.socket], None], says: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener, behave))
        thread.start()
        port = listener.getsockname()[1]
        detail = make_directory(hosts=(f"{DC1}@127.0.0.1:{port}",)).health().detail
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)

    assert f"{says}{port}; " in detail
    assert not raw(detail)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        (f"{DC1}@127.0.0.1:1", f"nothing listens on port 1 of {DC1}; see whether it runs"),
        ("dc1.nowhere.invalid", "the name dc1.nowhere.invalid can't be resolved; see DNS on this host"),
    ],
)
def test_a_controller_that_is_not_there_is_named(make_directory: MakeDirectory, host: str, says: str) -> None:
    detail = make_directory(hosts=(host,)).health().detail

    assert says in detail
    assert not raw(detail)


def test_a_server_that_speaks_another_language_is_named(
    directory: ActiveDirectory, server: LdapServer
) -> None:
    server.junk = b"\x30\x03\x02\x01"

    detail = directory.health().detail

    assert DC1 in detail
    assert not raw(detail)
