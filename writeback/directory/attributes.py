"""Reads raw attribute values: a missing value gives a default, a malformed one raises Broken."""

from writeback.directory.connection import Broken, Entry
from writeback.ports.filetime import INTERVALS


def octets(entry: Entry, name: str) -> bytes:
    """Return the first value of an attribute (its name in lower case), or b""."""
    values = entry.get(name) or (b"",)
    return values[0]


def text(entry: Entry, name: str) -> str:
    """Return the first value as text, or an empty text."""
    return octets(entry, name).decode("utf-8", "replace")


def integer(entry: Entry, name: str, default: int = 0) -> int:
    """Return the first value as a number, or the default.

    Raises:
        Broken: the value is not a number.
    """
    value = octets(entry, name)
    try:
        return int(value) if value else default
    except ValueError:
        raise Broken(f"{name} is not a number") from None


def seconds(entry: Entry, name: str) -> int:
    """Return a time span in seconds; AD stores it as negative intervals of 100 ns (MS-ADTS 3.1.1.5)."""
    return -integer(entry, name) // INTERVALS


def sid(value: bytes) -> str:
    """Return a binary SID in its text form, S-1-5-… (MS-DTYP 2.4.2).

    Raises:
        Broken: the bytes are not a SID.
    """
    if len(value) < 8 or len(value) != 8 + 4 * value[1]:
        raise Broken("a SID has a wrong length")
    authority = int.from_bytes(value[2:8], "big")
    parts = (int.from_bytes(value[at : at + 4], "little") for at in range(8, len(value), 4))
    return "-".join(["S", str(value[0]), str(authority), *map(str, parts)])


def guid_target(guid: bytes) -> str:
    """Return the name by which AD finds an object even after it was moved (MS-ADTS 3.1.1.3.1.2.4)."""
    return f"<GUID={guid.hex()}>"
