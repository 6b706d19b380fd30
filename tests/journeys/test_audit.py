"""One reference finds the same attempt in the portal's audit and in the worker's."""

import json
import re
import sqlite3
from collections.abc import Iterator

from deploy.dev.demo.pairing import manage
from deploy.dev.demo.product import Product
from tests.journeys.conftest import NewVisitor
from tests.journeys.visitor import REFERENCE, words

NEW = "Quiet-harbour-5521"


def portal_events(product: Product, reference: str) -> list[str]:
    with sqlite3.connect(product.database) as database:
        rows = database.execute(
            "SELECT event FROM audit_event WHERE reference = ? ORDER BY number", (reference,)
        )
        return [name for (name,) in rows]


def worker_events(product: Product, reference: str) -> Iterator[str]:
    for line in (product.files.home / "audit.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry.get("reference") == reference:
            yield entry["event"]


def test_one_reference_finds_the_steps_of_an_attempt_on_both_sides(
    product: Product, visitor: NewVisitor
) -> None:
    bob = visitor()
    page = bob.set_password(bob.to_new_password(), NEW)
    found = REFERENCE.search(words(page))
    assert found
    portal, worker = portal_events(product, found.group()), list(worker_events(product, found.group()))
    assert portal == [
        "attempt.begun",
        "factor.started",
        "factor.proven",
        "factor.started",
        "factor.proven",
        "job.submitted",
        "job.settled",
    ]
    assert [event for event in worker if event != "mail.sent"] == [
        "attempt.opened",
        "factor.started",
        "factor.checked",
        "factor.started",
        "factor.checked",
        "write.intent",
        "write.outcome",
    ]


def test_the_chain_of_the_portals_audit_is_unbroken(product: Product, visitor: NewVisitor) -> None:
    visitor().begin("/reset/")
    assert "The site main has seen the audit up to event" in manage(product.environment, "tick")
    assert re.search(r"\b\d+ events, unbroken\..* was seen by", manage(product.environment, "verify_audit"))
