"""The journal of jobs, which knows what became of each job even if a process dies at any moment."""

from writeback.journal.journal import SqlJournal

__all__ = ["SqlJournal"]
