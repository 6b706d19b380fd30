"""Links each event to the one before it (pure)."""

import hashlib
import json
from collections.abc import Mapping

GENESIS = "0" * 64
Fact = str | int | bool


def link(
    *, previous: str, number: int, at: str, event: str, reference: str, facts: Mapping[str, Fact]
) -> str:
    """Return the hash of an event: SHA-256 over the previous hash and all fields of the event.

    Args:
        previous: hash of the event before, in hex; GENESIS for the first.
        number: 1 for the first event, growing by one.
        at: the instant in ISO 8601, UTC.
        event: what happened.
        reference: the attempt's reference, or empty.
        facts: the further facts.
    """
    said = json.dumps(
        [previous, number, at, event, reference, dict(facts)], sort_keys=True, ensure_ascii=True
    )
    return hashlib.sha256(said.encode("ascii")).hexdigest()
