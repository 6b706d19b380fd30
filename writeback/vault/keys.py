"""Reads the keys of a site and of one worker from files into a Keyring, and rolls them over.

Folder `keys` (the site's): identity.key, rsa-….key, state-….key, state.id (which state they belong to), and
the flag `disabled`. Folder `run` (memory-backed, this worker's own): prekey-….key. The portal's public key is
absent until pairing and after `disable`. The CLI writes here; the worker reads all of it again with each
heartbeat.
"""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from writeback.envelope.errors import EnvelopeError
from writeback.envelope.keyring import (
    PREKEY_ROLLOVER,
    RSA_BITS,
    RSA_ROLLOVER,
    Generation,
    Keyring,
    Rollover,
    SigningKey,
    VerifyKey,
    key_id,
    rsa_der,
)
from writeback.envelope.pairing import read_portal_enrolment
from writeback.vault import files
from writeback.vault.files import KeyFile, VaultError

K = TypeVar("K")


@dataclass(frozen=True)
class Vault:
    """The key files of one worker.

    Args:
        keys: folder of the site's keys.
        run: memory-backed folder of this worker's prekeys.
        portal_file: file with the portal's enrolment string.
        now: returns Unix time.
    """

    keys: Path
    run: Path
    portal_file: Path
    now: Callable[[], float]
    _rsa: dict[Path, RSAPrivateKey] = field(default_factory=dict, init=False, repr=False, compare=False)

    def create(self) -> None:
        """Create whatever is missing: folder, identity, RSA key, state key; keep what exists."""
        with self._lock():
            if not self._identity_file.exists():
                files.write(self._identity_file, base64.b64encode(SigningKey.generate().raw()))
            if not any(files.key_files(self.keys, "state")):
                self._add_state_key()
            self._roll_rsa()

    def keyring(self) -> Keyring:
        """Read all keys, create successors for keys that are due, and wipe expired ones.

        Raises:
            VaultError: there is no identity yet, or a file can't be read.
        """
        identity = self.identity()
        files.require_private_folder(self.run)
        with self._lock():
            rsas, prekeys = self._roll_rsa(), self._roll_prekeys()
        return Keyring(identity=identity, portal=self.portal(), prekeys=prekeys, rsas=rsas)

    def identity(self) -> SigningKey:
        """Return W-id.

        Raises:
            VaultError: there is no identity yet.
        """
        if not self._identity_file.exists():
            raise VaultError(f"{self._identity_file} is missing; run: writeback setup.")
        return SigningKey.from_raw(files.read_raw(self._identity_file))

    def portal(self) -> VerifyKey | None:
        """Return the pinned P-sig, or None while the site is not paired or is switched off.

        Raises:
            VaultError: the file does not hold a portal's enrolment string.
        """
        if self.is_disabled() or not self.portal_file.exists():
            return None
        try:
            return read_portal_enrolment(self.portal_file.read_text(encoding="utf-8"))
        except (EnvelopeError, UnicodeDecodeError):
            raise VaultError(
                f"{self.portal_file} does not hold the text that manage.py portal_key prints; pair again."
            ) from None

    def pin_portal(self, text: str) -> VerifyKey:
        """Store the portal's enrolment string after somebody has compared the fingerprint.

        Raises:
            EnvelopeError: the string is incomplete.
        """
        key = read_portal_enrolment(text)
        with self._lock():
            files.write(self.portal_file, "".join(text.split()).encode("ascii"))
        return key

    def state_keys(self) -> tuple[bytes, ...]:
        """Return the AES-256 keys of the state, 32 bytes each, oldest first; the newest seals, all open."""
        found = sorted(files.key_files(self.keys, "state"), key=lambda file: (file.born, file.path.name))
        return tuple(files.read_raw(file.path) for file in found)

    def state_id(self) -> bytes | None:
        """Return the id of the state that these keys belong to; None before there is a state.

        Raises:
            VaultError: the file can't be read, or holds no id.
        """
        if not self._state_file.exists():
            return None
        return files.read_id(self._state_file)

    def pin_state(self, identifier: bytes) -> None:
        """Store the state's id, 16 bytes: from now on these keys work with no other state."""
        with self._lock():
            if not self._state_file.exists():
                files.write(self._state_file, identifier.hex().encode("ascii") + b"\n")

    def roll_state_key(self) -> None:
        """Make a new key for the state; keep the old ones, which still open what they sealed."""
        with self._lock():
            self._add_state_key()

    def roll_rsa(self) -> None:
        """Make a new W-rsa at once; the old one still opens during its overlap."""
        with self._lock():
            self._make_rsa()

    def disable(self) -> None:
        """Switch writeback off: forget the portal's key at once and open no more jobs."""
        with self._lock():
            files.write(self.keys / "disabled", b"")
            files.wipe(self.portal_file)

    def forget_portal(self, key: VerifyKey) -> None:
        """Forget this key of a portal if it is the pinned one, and make a new W-rsa at once."""
        with self._lock():
            if self.portal() == key:
                files.wipe(self.portal_file)
                self._renew_rsa()

    def enable(self) -> None:
        """Switch writeback on with a new W-rsa; the portal has to be paired again."""
        with self._lock():
            self._renew_rsa()
            (self.keys / "disabled").unlink(missing_ok=True)

    def is_disabled(self) -> bool:
        """Tell whether writeback is switched off."""
        return (self.keys / "disabled").exists()

    @property
    def _state_file(self) -> Path:
        return self.keys / "state.id"

    @property
    def _identity_file(self) -> Path:
        return self.keys / "identity.key"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time roll keys over: the CLI and the worker share these files.

        The folder `run` exists only while the worker runs, but `disable` must also work without it.
        """
        files.require_private_folder(self.keys)
        handle = os.open(self.keys / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _add_state_key(self) -> None:
        raw = secrets.token_bytes(32)
        self._add(self.keys, "state", key_id(raw), base64.b64encode(raw))

    def _renew_rsa(self) -> None:
        for old in files.key_files(self.keys, "rsa"):
            files.wipe(old.path)
        self._make_rsa()

    def _make_rsa(self) -> None:
        key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self._add(self.keys, "rsa", key_id(rsa_der(key.public_key())), pem)

    def _make_prekey(self) -> None:
        key = X25519PrivateKey.generate()
        name = key_id(key.public_key().public_bytes_raw())
        self._add(self.run, "prekey", name, base64.b64encode(key.private_bytes_raw()))

    def _add(self, folder: Path, kind: str, name: bytes, data: bytes) -> None:
        files.add_key_file(folder, kind, born=self.now(), name=name, data=data)

    def _roll_rsa(self) -> tuple[Generation[RSAPrivateKey], ...]:
        def load(file: KeyFile) -> Generation[RSAPrivateKey]:
            key = self._rsa.get(file.path) or _load_rsa(file.path)
            self._rsa[file.path] = key
            return Generation(id=key_id(rsa_der(key.public_key())), born=file.born, key=key)

        alive = self._roll(self.keys, "rsa", RSA_ROLLOVER, load, self._make_rsa)
        for path in [path for path in self._rsa if not path.exists()]:
            del self._rsa[path]
        return alive

    def _roll_prekeys(self) -> tuple[Generation[X25519PrivateKey], ...]:
        def load(file: KeyFile) -> Generation[X25519PrivateKey]:
            key = X25519PrivateKey.from_private_bytes(files.read_raw(file.path))
            return Generation(id=key_id(key.public_key().public_bytes_raw()), born=file.born, key=key)

        return self._roll(self.run, "prekey", PREKEY_ROLLOVER, load, self._make_prekey)

    def _roll(
        self,
        folder: Path,
        kind: str,
        rule: Rollover,
        load: Callable[[KeyFile], Generation[K]],
        make: Callable[[], None],
    ) -> tuple[Generation[K], ...]:
        found = {file.path: load(file) for file in files.key_files(folder, kind)}
        if rule.is_due(list(found.values()), now=self.now()):
            make()
            found = {file.path: load(file) for file in files.key_files(folder, kind)}
        alive = rule.select_usable(found.values(), now=self.now())
        for path, generation in found.items():
            if generation not in alive:
                files.wipe(path)
        return alive


def _load_rsa(path: Path) -> RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(files.read(path), password=None)
    except ValueError:
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise VaultError(f"{path} holds no RSA key; remove the file, and a new key is made.")
    return key
