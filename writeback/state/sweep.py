"""Deletes rows that no rule looks at any more."""

from sqlalchemy import delete, select

from writeback.ceiling import DAY, HOUR
from writeback.envelope.jobs import CHAIN_LIFE
from writeback.state.sources import Source
from writeback.state.store import State
from writeback.state.tables import attempts, chains, codes, factors, hits, journal, marks, outbox, tries

JOURNAL_LIFE = 30 * DAY
QUESTIONS_LIFE = HOUR
"""Seconds for which a finished job that writes nothing is kept: nobody asks for its result."""
REFUSED_LIFE = DAY
"""Seconds for which a finished write that never reached INTENT is kept; it can't be applied any more anyway.

Somebody with a portal's key can cause thousands of them in an hour."""
_OF_NO_FACTOR = (Source.NOBODY, Source.TOLD)
"""Sources of tries without a factor: anybody may invent their names."""
STREAK_LIFE = 2 * DAY
"""Seconds after the last wrong try after which a new row of tries begins."""
TRIES_LIFE = 365 * DAY
"""Seconds for which wrong tries at a factor count: the year in `wrong_a_year`."""
TOMBSTONE_HEARS = 30 * DAY
"""Seconds for which a removed destination still gets notices."""


def sweep(state: State, *, now: float, window: int = 2 * DAY) -> None:
    """Delete what no rule looks at any more; called with the heartbeats.

    Args:
        state: the site's state.
        now: Unix time in seconds.
        window: seconds for which attempts and counts are kept; twice the longest rate.
    """
    old = now - window
    refused = (journal.c.intended == 0, journal.c.expires < now - REFUSED_LIFE)
    gone = select(attempts.c.id).where(attempts.c.expires < old)
    with state.writing() as tx:
        tx.execute(delete(marks).where(marks.c.attempt.in_(gone)))
        tx.execute(delete(attempts).where(attempts.c.expires < old))
        tx.execute(delete(codes).where(codes.c.expires < old))
        tx.execute(delete(hits).where(hits.c.at < old))
        tx.execute(delete(chains).where(chains.c.at < now - CHAIN_LIFE))
        tx.execute(delete(tries).where(tries.c.last < now - TRIES_LIFE))
        tx.execute(delete(tries).where(tries.c.last < now - STREAK_LIFE, tries.c.source.in_(_OF_NO_FACTOR)))
        tx.execute(delete(factors).where(factors.c.state == "pending", factors.c.created < old))
        tx.execute(delete(outbox).where(outbox.c.expires <= now))
        tx.execute(delete(journal).where(journal.c.expires < now - JOURNAL_LIFE, journal.c.state != "intent"))
        tx.execute(delete(journal).where(*refused))
        tx.execute(delete(journal).where(journal.c.expires < now - QUESTIONS_LIFE, ~journal.c.writes))
