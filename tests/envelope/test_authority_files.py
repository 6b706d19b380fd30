"""A file of authorities that is no PEM is named with the command that makes one, and the command works."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12

from tests.fakes.certificates import Authority
from writeback.envelope.authority_files import Authorities, WrongFile, read_authorities

KEPT = serialization.NoEncryption()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


def as_exported(authority: Authority, kind: str) -> bytes:
    """Return the authority's certificate as a careless export leaves it."""
    certificate = authority.certificate
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    der = certificate.public_bytes(serialization.Encoding.DER)
    return {
        "DER": lambda: der,
        "UTF-16": lambda: pem.decode().encode("utf-16"),
        "byte-order mark": lambda: b"\xef\xbb\xbf" + pem,
        "PKCS#7": lambda: pkcs7.serialize_certificates([certificate], serialization.Encoding.DER),
        "PKCS#7 in PEM": lambda: pkcs7.serialize_certificates([certificate], serialization.Encoding.PEM),
        "PKCS#12": lambda: pkcs12.serialize_key_and_certificates(b"ca", None, None, [certificate], KEPT),
        "Base-64": lambda: base64.encodebytes(der),
    }[kind]()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("DER", "is DER (binary), and PEM is needed"),
        ("UTF-16", "is UTF-16 text, as PowerShell's > writes it, and PEM is needed"),
        ("byte-order mark", "begins with a byte-order mark, and PEM is needed"),
        ("PKCS#7", "is PKCS#7 (.p7b), and PEM is needed"),
        ("PKCS#7 in PEM", "is PKCS#7 (.p7b), and PEM is needed"),
        ("PKCS#12", "is PKCS#12 (.pfx), which may hold a private key, and PEM is needed"),
        ("Base-64", "is Base-64 without the lines BEGIN and END, and PEM is needed"),
    ],
)
def test_another_encoding_is_named_and_its_command_makes_pem_of_it(
    authority: Authority, tmp_path: Path, kind: str, says: str
) -> None:
    path = tmp_path / "a ca.pem"
    path.write_bytes(as_exported(authority, kind))

    told = read_authorities(path)

    assert isinstance(told, WrongFile)
    assert told.says == f"{path} {says}"
    assert shutil.which("openssl")
    command = told.mend.replace("openssl pkcs12", "openssl pkcs12 -passin pass:")
    subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=30)
    made = read_authorities(path)
    assert isinstance(made, Authorities)
    assert [one.subject for one in made.certificates] == [authority.certificate.subject]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"hello", "holds no certificate"),
        (b"\x30\x82\x00\x10 and no more", "holds no certificate"),
        (
            b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
            "holds no certificate, only: PRIVATE KEY",
        ),
        (
            b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n",
            "holds no certificate, only: CERTIFICATE REQUEST",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
            "holds a certificate that is damaged",
        ),
        (b"-----BEGIN CERTIFICATE-----", "holds a certificate that is damaged"),
    ],
)
def test_a_file_without_a_certificate_is_named(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(data)

    told = read_authorities(path)

    assert isinstance(told, WrongFile)
    assert told.says == f"{path} {says}"
    assert told.mend


def test_an_issuing_authority_without_its_root_is_found(authority: Authority, tmp_path: Path) -> None:
    issuing = authority.issuing("Issuing CA")
    alone, whole = read_authorities(issuing.ca_file), tmp_path / "whole.pem"
    whole.write_bytes(issuing.ca_file.read_bytes() + authority.ca_file.read_bytes())
    together = read_authorities(whole)

    assert isinstance(alone, Authorities)
    assert isinstance(together, Authorities)
    assert alone.without_root == (("CN=Issuing CA", "CN=Test CA"),)
    assert together.without_root == ()
    assert [name for name, _ in together.list_ends()] == ["CN=Issuing CA", "CN=Test CA"]
