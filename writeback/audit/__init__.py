"""The worker's own audit: an append-only file of JSON lines, each with the hash of the one before."""

from writeback.audit.appending import AuditFile
from writeback.audit.chain import BadLineError, Checkpoint, Line, Verdict
from writeback.audit.reading import checkpoints, lines, moment, verify

__all__ = [
    "AuditFile",
    "BadLineError",
    "Checkpoint",
    "Line",
    "Verdict",
    "checkpoints",
    "lines",
    "moment",
    "verify",
]
