"""Server certificates with one thing wrong, for a trap that must never see a password."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.dev.lab.certificates import key_usage

Pair = tuple[Path, Path]


@dataclass(frozen=True)
class Authority:
    """Signs what it is asked to, also for yesterday."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def create(cls, folder: Path) -> "Authority":
        """Make an authority whose certificate lies in `folder`."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _build("Test CA", "Test CA", key, key, authority=True)
        made = cls(folder, key, certificate)
        made.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return made

    def issuing(self, name: str, *, end: float = 365) -> "Authority":
        """Make an authority that this one vouches for, in a folder below, valid for so many days."""
        place = self.folder / name.replace(" ", "-")
        place.mkdir()
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _build(name, self._common_name, key, self.key, authority=True, end=end)
        made = Authority(place, key, certificate)
        made.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return made

    @property
    def _common_name(self) -> str:
        (named,) = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(named.value)

    @property
    def ca_file(self) -> Path:
        """Its certificate as a file."""
        return self.folder / "ca.pem"

    def issue(self, name: str, *, begin: float = -1, end: float = 365) -> Pair:
        """Write certificate and key for a DNS name, valid between two days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(_build(name, self._common_name, key, self.key, begin=begin, end=end), key)

    def self_signed(self, name: str) -> Pair:
        """Write a certificate that nobody vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._write(_build(name, name, key, key), key)

    def _write(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
        place = self.folder / f"{certificate.serial_number:x}"
        place.mkdir()
        cert_file, key_file = place / "cert.pem", place / "key.pem"
        cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.touch(mode=0o600)
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return cert_file, key_file


@cache
def any_authority() -> bytes:
    """Return the PEM of an authority that vouches for nobody, for settings that must name one."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = _build("Nobody's CA", "Nobody's CA", key, key, authority=True)
    return made.public_bytes(serialization.Encoding.PEM)


def _build(
    name: str,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    begin: float = -1,
    end: float = 365,
    authority: bool = False,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    issuer_public = issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + dt.timedelta(days=begin))
        .not_valid_after(now + dt.timedelta(days=end))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
        .add_extension(key_usage(authority=authority), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
