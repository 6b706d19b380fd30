"""TLS clients of both sides: which authorities they trust, and what a refused certificate means."""

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any

_NEW = "give it a new one"
_CERTIFICATES = {  # by OpenSSL's number (x509_vfy.h)
    2: ("is signed by an issuing authority whose root is not in the file of authorities", "root"),
    9: ("is not valid yet", "see its dates, and the clocks of both machines"),
    10: ("has expired", _NEW + ", and restart it"),
    18: ("is signed only by itself, and is not the named one", "self"),
    19: ("ends at a root authority that is not in the file of authorities", "root"),
    20: ("is not signed by a named authority", "authority"),
    21: ("is not signed by a named authority", "authority"),
    26: ("is not meant for servers", _NEW + " with the purpose Server Authentication"),
    62: ("is for another name", "use the name in it, or " + _NEW),
    64: ("is for another address", "use the address in it, or " + _NEW),
    66: ("has a key that is too short", _NEW + " with RSA of 2048 bits or more"),
    67: ("is signed by an authority whose key is too short", "have it signed by another authority"),
    68: ("is signed with an algorithm that is too weak", _NEW + ", signed with SHA-256"),
    79: (
        "is signed by a certificate that is not an authority's",
        "name the authority's certificate, not another one",
    ),
}


def client_context(authorities: Path | str | None) -> ssl.SSLContext:
    """Return a context that verifies chain, name and dates, and speaks TLS 1.2 or newer.

    A named authority is trusted as it is, even an issuing authority without its root (RFC 5280 6.1.1 (d)
    lets any certificate be a trust anchor). Python 3.13 does so by default; for older versions a flag is set.

    Args:
        authorities: PEM file of the only authorities to trust; None for the system's.

    Raises:
        OSError: the file can't be read (ssl.SSLError if it holds no certificate).
    """
    context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def shared_context(authorities: str | None) -> ssl.SSLContext:
    """Return one shared context for each file, since every copy of the system's authorities takes 900 kB.

    Args:
        authorities: as for `client_context`; a file that was changed is read again.

    Raises:
        OSError: the file can't be read (ssl.SSLError if it holds no certificate).
    """
    return _load_context(authorities, Path(authorities).stat().st_mtime_ns if authorities else 0)


@lru_cache(maxsize=4)
def _load_context(authorities: str | None, changed: int) -> ssl.SSLContext:  # noqa: ARG001  # only for the cache
    return client_context(authorities)


class VerifiedTLS:
    """Mixin that goes before redis-py's SSLConnection, and trusts only the named authorities.

    redis-py alone would trust the system's authorities too, and read them all for each connection.
    """

    ca_certs: str | None
    host: str

    def _wrap_socket_with_ssl(self, sock: Any) -> ssl.SSLSocket:
        return shared_context(self.ca_certs).wrap_socket(sock, server_hostname=self.host)


def certificate_fault(error: ssl.SSLCertVerificationError, *, whose: str, setting: str) -> tuple[str, str]:
    """Return what is wrong with a certificate, and what mends it, each without a full stop.

    Args:
        error: the error of the handshake.
        whose: the server, as in "the certificate of Redis".
        setting: the setting that names the file of authorities.
    """
    known = _CERTIFICATES.get(error.verify_code)
    if known is None:
        text = f"the certificate of {whose} is not valid: {error.verify_message}"
        return text, f"{_NEW} that mends this"
    wrong, mend = known
    mends = {
        "authority": f"name in {setting} the file of the authority that signed it",
        "root": f"export the root as PEM, and add it to the file that {setting} names",
        "self": f"give it one that your authority signed, or name this very certificate in {setting}",
    }
    return f"the certificate of {whose} {wrong}", mends.get(mend, mend)
