"""Forgetting what is over."""

from sqlalchemy import delete, select

from writeback.ceiling import DAY, HOUR
from writeback.envelope.jobs import CHAIN_LIFE
from writeback.state.sources import Source
from writeback.state.store import State
from writeback.state.tables import attempts, chains, codes, factors, hits, journal, marks, outbox, tries

JOURNAL_LIFE = 30 * DAY
QUESTIONS_LIFE = HOUR
"""So long after its end a job that writes nothing is kept: nobody asks what became of it."""
REFUSED_LIFE = DAY
"""So long after its end a write is kept that never came to INTENT; it can't be applied any more in any case.

Who holds a portal's key can have thousands of them written in an hour."""
_OF_NO_FACTOR = (Source.NOBODY, Source.TOLD)
"""Sources of tries that no factor stands behind: of names that anybody may invent."""
STREAK_LIFE = 2 * DAY
"""So long after the last wrong try the next one is the first in a row."""
TRIES_LIFE = 365 * DAY
"""Wrong tries at a factor count for so long: the year that `wrong_a_year` speaks of."""
TOMBSTONE_HEARS = 30 * DAY
"""For so long a removed destination is told of changes."""


def sweep(state: State, *, now: float, window: int = 2 * DAY) -> None:
    """Delete what no rule looks at any more; called with the heartbeats.

    Args:
        state: the site's memory.
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
