"""The site's state: SQLite if all workers run on one host, PostgreSQL if they run on several."""

from writeback.state.anchors import SqlAnchors
from writeback.state.backup import back_up, restore
from writeback.state.clock import StateClock
from writeback.state.ending import end_attempts
from writeback.state.migrations import StateUnusable
from writeback.state.outbox import SqlOutbox, put
from writeback.state.owned import belongs_to, of_owner, owner_of, whose
from writeback.state.rate_counts import Count, add, count_since, give_back, room_for, take, wait_for
from writeback.state.sealing import StateKeys
from writeback.state.sources import Source
from writeback.state.store import State, host_id
from writeback.state.sweep import STREAK_LIFE, TRIES_LIFE, sweep
from writeback.state.switch import Switch, SwitchedOff, require_trusted
from writeback.state.wearing import passwords_left, writes_of
from writeback.state.worries import BROKEN_AUDIT, CLOSED, UNREADABLE, WORRYING, Worries

__all__ = [
    "BROKEN_AUDIT",
    "CLOSED",
    "STREAK_LIFE",
    "TRIES_LIFE",
    "UNREADABLE",
    "WORRYING",
    "Count",
    "Source",
    "SqlAnchors",
    "SqlOutbox",
    "State",
    "StateClock",
    "StateKeys",
    "StateUnusable",
    "Switch",
    "SwitchedOff",
    "Worries",
    "add",
    "back_up",
    "belongs_to",
    "count_since",
    "end_attempts",
    "give_back",
    "host_id",
    "of_owner",
    "owner_of",
    "passwords_left",
    "put",
    "require_trusted",
    "restore",
    "room_for",
    "sweep",
    "take",
    "wait_for",
    "whose",
    "writes_of",
]
