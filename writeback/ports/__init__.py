"""What the worker's core needs of the outside: protocols, and the values that pass through them."""

from writeback.ports.couriers import (
    NOTICE,
    NOTICES_WAIT,
    Courier,
    CourierAway,
    CourierRefused,
    Message,
    Note,
    Outbox,
    Queued,
)
from writeback.ports.directory import (
    Account,
    Directory,
    DirectoryAway,
    DistributionGroup,
    Lockout,
    MeanwhileError,
    Preimage,
    Unreadable,
    Written,
    nothing,
)
from writeback.ports.journal import Entry, Intent, JobState, Journal, Settled
from writeback.ports.register import Attempt, PasswordTry, Register, StateAway
from writeback.ports.site import Audit, Clock, Handler, Request, Site

__all__ = [
    "NOTICE",
    "NOTICES_WAIT",
    "Account",
    "Attempt",
    "Audit",
    "Clock",
    "Courier",
    "CourierAway",
    "CourierRefused",
    "Directory",
    "DirectoryAway",
    "DistributionGroup",
    "Entry",
    "Handler",
    "Intent",
    "JobState",
    "Journal",
    "Lockout",
    "MeanwhileError",
    "Message",
    "Note",
    "Outbox",
    "PasswordTry",
    "Preimage",
    "Queued",
    "Register",
    "Request",
    "Settled",
    "Site",
    "StateAway",
    "Unreadable",
    "Written",
    "nothing",
]
