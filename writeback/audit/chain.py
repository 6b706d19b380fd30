"""The format of a line, and the rule that links it to the line before: bytes in, values out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
_KEYS = ("event", "facts", "hash", "prev", "reference", "seq", "time")

Fact = str | int | bool


class BadLineError(ValueError):
    """A line does not continue the chain; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One event.

    Args:
        seq: 1 for the first line of the chain, then one more for each line, across rotated files.
        time: UTC, ISO 8601 with milliseconds.
        prev, hash: SHA-256 in hexadecimal of the line before, and of this line.
    """

    seq: int
    time: str
    event: str
    reference: str
    facts: Mapping[str, Fact]
    prev: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A signed statement of how long the chain was, to be kept away from the chain.

    Args:
        signature: Ed25519 by W-id over `body()`.
    """

    seq: int
    hash: str
    time: str
    signature: bytes = b""

    def body(self) -> bytes:
        """Return the signed bytes."""
        return _canonical({"hash": self.hash, "seq": self.seq, "time": self.time})


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of verification.

    Args:
        lines: how many lines are good, from the first one on.
        problem: the file, the line and what is wrong with it; empty if all is well.
    """

    lines: int
    last: str = GENESIS
    problem: str = ""


def utc(now: float) -> str:
    """Return a Unix time as UTC in ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seal(
    event: str, reference: str, facts: Mapping[str, Fact], *, seq: int, prev: str, time: str
) -> tuple[bytes, str]:
    """Return a new line including its line feed, and its hash."""
    body: dict[str, object] = {
        "event": event,
        "facts": dict(facts),
        "prev": prev,
        "reference": reference,
        "seq": seq,
        "time": time,
    }
    own = hashlib.sha256(_canonical(body)).hexdigest()
    return _canonical({**body, "hash": own}) + b"\n", own


def read(raw: bytes) -> Line:
    """Read one line including its line feed, and check its own hash.

    Raises:
        BadLineError: it is not a line of the audit, or was changed.
    """
    if not raw.endswith(b"\n"):
        raise BadLineError("is torn: only a part of it was written")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadLineError("is not JSON") from None
    if not isinstance(body, dict) or tuple(sorted(body)) != _KEYS:
        raise BadLineError("does not have the fields of a line of the audit")
    texts = (body["event"], body["reference"], body["time"], body["prev"], body["hash"])
    if not all(isinstance(text, str) for text in texts) or type(body["seq"]) is not int:
        raise BadLineError("has a field of the wrong kind")
    if not isinstance(body["facts"], dict):
        raise BadLineError("has a field of the wrong kind")
    if _canonical(body) + b"\n" != raw:
        raise BadLineError("is not in the form that the audit writes")
    own = body.pop("hash")
    if hashlib.sha256(_canonical(body)).hexdigest() != own:
        raise BadLineError("was changed: its hash does not fit")
    return Line(**body, hash=own)


def follow(before: Line | None, line: Line) -> None:
    """Check that a line continues the chain.

    Raises:
        BadLineError: a line between the two is missing, doubled or swapped.
    """
    seq, prev = (before.seq, before.hash) if before else (0, GENESIS)
    if line.seq != seq + 1:
        raise BadLineError(
            f"has number {line.seq} instead of {seq + 1}: lines were removed, added or swapped"
        )
    if line.prev != prev:
        raise BadLineError("does not follow the line before, which was replaced")


def _canonical(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
