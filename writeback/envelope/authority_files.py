"""Reads files of certificate authorities; for a wrong format, as Windows exports it, names the conversion."""

import base64
import binascii
import shlex
import ssl
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import Certificate

_PKCS12_VERSION = b"\x02\x01\x03"  # PFX ::= SEQUENCE { version INTEGER {v3(3)}, … (RFC 7292 4)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8 = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class WrongFile:
    """The reason why a file can't be used.

    Args:
        says: the reason, a sentence without a full stop.
        mend: the command that converts the file, or what to do.
        is_command: True if `mend` is a command.
    """

    says: str
    mend: str
    is_command: bool = False

    def __str__(self) -> str:
        return f"{self.says}; {'run: ' if self.is_command else ''}{self.mend}"


@dataclass(frozen=True, kw_only=True)
class Authorities:
    """The certificates of a file; names are written as in RFC 4514."""

    certificates: Sequence[Certificate]

    @property
    def without_root(self) -> tuple[tuple[str, str], ...]:
        """The names of authorities whose issuer is not in the file, each with the name of that issuer."""
        held = {one.subject for one in self.certificates}
        return tuple(
            (one.subject.rfc4514_string(), one.issuer.rfc4514_string())
            for one in self.certificates
            if one.issuer not in held
        )

    def list_ends(self) -> tuple[tuple[str, float], ...]:
        """Return the name of each certificate, with the Unix time at which it expires."""
        return tuple(
            (one.subject.rfc4514_string(), one.not_valid_after_utc.timestamp()) for one in self.certificates
        )


def read_authorities(path: Path) -> Authorities | WrongFile:
    """Return the certificates of a file of authorities, or why it can't be used.

    Raises:
        OSError: the file can't be read.
    """
    data = path.read_bytes()
    wrong = _wrong_kind(data, path)
    if wrong is not None:
        return wrong
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        return Authorities(certificates=_pem(data))
    except (ssl.SSLError, ValueError):
        return WrongFile(says=f"{path} holds a certificate that is damaged", mend="export it again, as PEM")


def _pem(data: bytes) -> list[Certificate]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # OpenSSL judges odd certificates, not cryptography
        return x509.load_pem_x509_certificates(data)


def _wrong_kind(data: bytes, path: Path) -> WrongFile | None:
    if not data.strip():
        return WrongFile(says=f"{path} is empty", mend="export the authority's certificate as PEM (Base-64)")
    if data.startswith(_UTF16):
        return _convert(
            path, "is UTF-16 text, as PowerShell's > writes it", "iconv -f UTF-16 -t UTF-8 {old} > {new}"
        )
    if data.startswith(_UTF8):
        return _convert(path, "begins with a byte-order mark", "tail -c +4 {old} > {new}")
    return _wrong_pem(data, path) if b"-----BEGIN " in data else _wrong_binary(data, path)


def _wrong_pem(data: bytes, path: Path) -> WrongFile | None:
    if b"-----BEGIN CERTIFICATE-----" in data or b"-----BEGIN TRUSTED CERTIFICATE-----" in data:
        return None
    if b"-----BEGIN PKCS7-----" in data:
        return _convert(path, "is PKCS#7 (.p7b)", "openssl pkcs7 -print_certs -in {old} -out {new}")
    kind = data.partition(b"-----BEGIN ")[2].partition(b"-----")[0].decode("ascii", "replace")
    return WrongFile(
        says=f"{path} holds no certificate, only: {kind[:40]}",
        mend="name the file with the authority's certificate",
    )


def _wrong_binary(data: bytes, path: Path) -> WrongFile:
    if _loads_as_der(data):
        return _convert(path, "is DER (binary)", "openssl x509 -inform der -in {old} -out {new}")
    if _loads_as_pkcs7(data):
        command = "openssl pkcs7 -inform der -print_certs -in {old} -out {new}"
        return _convert(path, "is PKCS#7 (.p7b)", command)
    if data[:1] == b"\x30" and _PKCS12_VERSION in data[:12]:
        command = "openssl pkcs12 -in {old} -cacerts -nokeys -out {new}"
        return _convert(path, "is PKCS#12 (.pfx), which may hold a private key", command)
    if _loads_as_der(_from_base64(data)):
        command = "base64 -di {old} | openssl x509 -inform der -out {new}"
        return _convert(path, "is Base-64 without the lines BEGIN and END", command)
    return WrongFile(
        says=f"{path} holds no certificate", mend="export the authority's certificate as PEM (Base-64)"
    )


def _convert(path: Path, what: str, command: str) -> WrongFile:
    old, new = shlex.quote(str(path)), shlex.quote(f"{path}.new")
    line = command.format(old=old, new=new)
    return WrongFile(
        says=f"{path} {what}, and PEM is needed", mend=f"{line} && mv {new} {old}", is_command=True
    )


def _loads_as_der(data: bytes) -> bool:
    try:
        x509.load_der_x509_certificate(data)
    except ValueError:
        return False
    return True


def _loads_as_pkcs7(data: bytes) -> bool:
    try:
        pkcs7.load_der_pkcs7_certificates(data)
    except ValueError:
        return False
    return True


def _from_base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return b""
