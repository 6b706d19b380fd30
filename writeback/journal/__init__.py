"""The journal of jobs: what became of each, whatever dies when."""

from writeback.journal.journal import SqlJournal

__all__ = ["SqlJournal"]
