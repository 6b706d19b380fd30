"""Files that hold keys: private to their owner, written whole or not at all, wiped before removal."""

import base64
import binascii
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"(?P<kind>[a-z]+)-(?P<born>\d{1,12})-[0-9a-f]{16}\.key", re.ASCII)


class VaultError(Exception):
    """A key file is missing, unreadable or open to others; the text names it and says what to do."""


@dataclass(frozen=True)
class KeyFile:
    """One key of a series; its file is `<kind>-<born>-<id>.key`."""

    born: int
    path: Path


def key_files(folder: Path, kind: str) -> Iterator[KeyFile]:
    """Yield the key files of one kind."""
    for path in folder.glob(f"{kind}-*.key"):
        match = _NAME.fullmatch(path.name)
        if match is not None and match["kind"] == kind:
            yield KeyFile(born=int(match["born"]), path=path)


def add_key_file(folder: Path, kind: str, *, born: float, name: bytes, data: bytes) -> None:
    """Write a new key file, named after its kind, its creation (Unix time) and its 8-byte id."""
    write(folder / f"{kind}-{int(born)}-{name.hex()}.key", data)


def require_private_folder(folder: Path) -> None:
    """Create the folder if it is missing, and refuse one that others can read.

    Raises:
        VaultError: the folder is open to others, or can't be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = folder.stat().st_mode
    except OSError as error:
        raise VaultError(f"{folder} can't be used for keys: {error.strerror}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VaultError(f"{folder} holds keys and is open to others; run: chmod 700 {folder}.")


def read(path: Path) -> bytes:
    """Return the content of a key file.

    Raises:
        VaultError: the file can't be read, or others can read it.
    """
    try:
        mode, data = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise VaultError(f"{path} can't be read: {error.strerror}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise VaultError(f"{path} holds a key and is open to others; run: chmod 600 {path}.")
    return data


def read_raw(path: Path) -> bytes:
    """Return the 32 bytes of a base64 key file.

    Raises:
        VaultError: the file holds anything else.
    """
    try:
        raw = base64.b64decode(read(path).strip(), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise VaultError(f"{path} holds no key; restore it from a backup.")
    return raw


def read_id(path: Path) -> bytes:
    """Return the 16 bytes of an id in a hex file.

    Raises:
        VaultError: the file holds anything else.
    """
    try:
        identifier = bytes.fromhex(read(path).decode("ascii"))
    except ValueError:
        identifier = b""
    if len(identifier) != 16:
        raise VaultError(f"{path} holds no id; restore it from a backup of this folder.")
    return identifier


def write(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 that is complete or absent, even after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def wipe(path: Path) -> None:
    """Overwrite a file, then remove it; do nothing if it is gone already."""
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
