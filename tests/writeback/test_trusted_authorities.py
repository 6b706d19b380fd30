"""Whom LDAP, Redis and SMTP trust: the authorities that are named, issuing ones without their root too."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from portal.dispatch import broker as portal_broker
from tests.fakes.certificates import Authority, Pair
from writeback.config import MailConfig
from writeback.couriers.mail import MailCourier
from writeback.directory.tls import tls_context
from writeback.envelope.tls import certificate_fault, client_context
from writeback.strict_redis import StrictTLSConnection

NAME = "server.corp.example"
Wrap = Callable[[Path, socket.socket], ssl.SSLSocket]


def by_context(make: Callable[[Path], ssl.SSLContext]) -> Wrap:
    return lambda ca_file, plain: make(ca_file).wrap_socket(plain, server_hostname=NAME)


def by_redis(kind: type) -> Wrap:
    def wrap(ca_file: Path, plain: socket.socket) -> ssl.SSLSocket:
        made: ssl.SSLSocket = kind(host=NAME, ssl_ca_certs=str(ca_file))._wrap_socket_with_ssl(plain)
        return made

    return wrap


def of_mail(ca_file: Path) -> ssl.SSLContext:
    config = MailConfig(host=NAME, port=25, security="tls", sender="k@corp.example", ca_file=ca_file)
    return MailCourier(config)._tls


WAYS = {
    "LDAP": by_context(lambda ca_file: tls_context(str(ca_file))),
    "SMTP": by_context(of_mail),
    "Redis, worker": by_redis(StrictTLSConnection),
    "Redis, portal": by_redis(portal_broker.StrictTLSConnection),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def issuing(root: Authority) -> Authority:
    return root.issuing("Issuing CA")


@pytest.fixture(params=list(WAYS))
def wrap(request: pytest.FixtureRequest) -> Wrap:
    return WAYS[request.param]


def shakes_hands(wrap: Wrap, ca_file: Path, served: Pair) -> bool:
    """Tell whether a client that trusts a file of authorities takes a server's certificate."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*served)
    near, far = socket.socketpair()

    def serve() -> None:
        with suppress(OSError), server.wrap_socket(far, server_side=True) as secure:
            secure.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        near.settimeout(10)
        with closing(wrap(ca_file, near)):
            return True
    except ssl.SSLCertVerificationError:
        return False
    finally:
        near.close()
        thread.join(10)


def test_an_issuing_authority_is_trusted_without_its_root(wrap: Wrap, issuing: Authority) -> None:
    assert shakes_hands(wrap, issuing.ca_file, issuing.issue(NAME))


def test_the_root_is_trusted(wrap: Wrap, root: Authority) -> None:
    assert shakes_hands(wrap, root.ca_file, root.issue(NAME))


def test_an_issuing_authority_vouches_for_nobody_else(
    wrap: Wrap, issuing: Authority, root: Authority
) -> None:
    assert not shakes_hands(wrap, issuing.ca_file, root.issue(NAME))
    assert not shakes_hands(wrap, issuing.ca_file, issuing.issue("other.corp.example"))
    assert not shakes_hands(wrap, issuing.ca_file, issuing.issue(NAME, begin=-9, end=-1))


def test_a_named_authority_replaces_the_systems_authorities(
    wrap: Wrap, root: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Authority.create(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(stranger.ca_file))  # what OpenSSL takes for the system's
    server = stranger.issue(NAME)

    assert not shakes_hands(wrap, root.ca_file, server)
    assert shakes_hands(by_context(lambda _: client_context(None)), root.ca_file, server)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (2, "the certificate of dc1 is signed by an issuing authority whose root is not in the file"),
        (10, "the certificate of dc1 has expired"),
        (19, "the certificate of dc1 ends at a root authority that is not in the file of authorities"),
        (20, "the certificate of dc1 is not signed by a named authority"),
        (62, "the certificate of dc1 is for another name"),
        (85, "the certificate of dc1 is not valid: Missing Authority Key Identifier"),
    ],
)
def test_each_fault_of_a_certificate_has_a_sentence_and_a_remedy(number: int, says: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = number, "Missing Authority Key Identifier"

    told, mend = certificate_fault(error, whose="dc1", setting="[[directory]] ca_file")

    assert told.startswith(says)
    assert mend
    if number in (2, 19):
        assert mend == "export the root as PEM, and add it to the file that [[directory]] ca_file names"
