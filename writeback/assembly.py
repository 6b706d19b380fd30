"""Builds the worker's memory: register, journal, anchors and outbox on one state."""

from collections.abc import Callable
from dataclasses import dataclass

from writeback.envelope.keyring import VerifyKey
from writeback.journal import SqlJournal
from writeback.ports import do_nothing
from writeback.proof import RegisterContext, SqlRegister
from writeback.state import SqlAnchors, SqlOutbox


@dataclass(frozen=True, kw_only=True)
class Core:
    """The objects that fulfil the ports of the worker's memory."""

    register: SqlRegister
    journal: SqlJournal
    anchors: SqlAnchors
    outbox: SqlOutbox


def build_core(
    context: RegisterContext,
    *,
    measure: Callable[[], None] = do_nothing,
    portal: Callable[[], VerifyKey | None] = lambda: None,
) -> Core:
    """Build the worker's memory on the state of a context.

    Args:
        context: the state, its keys, the clock and the ceiling.
        measure: measures the state's clock again before a write.
        portal: returns the key of the paired portal, or None.
    """
    state, keys, clock = context.state, context.keys, context.clock
    return Core(
        register=SqlRegister(context),
        journal=SqlJournal(state, keys, clock, context.ceiling, measure, portal=portal),
        anchors=SqlAnchors(state, clock),
        outbox=SqlOutbox(state, keys, clock),
    )
