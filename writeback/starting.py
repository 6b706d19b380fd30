"""Reasons why a worker with correct settings must not start: an open Redis, or rights it must not have.

A Redis or a directory that can't be reached is no reason: the worker waits for it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from writeback.broker import PostBox
from writeback.config import RedisConfig
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.broker_faults import CLOSE
from writeback.ports import Directory
from writeback.strict_redis import lets_anybody_in

OPEN_REDIS = f"Redis answers without a password; {CLOSE}."

TRY_AGAIN, STAY_DOWN = 2, 78
"""Exit statuses: the service manager may restart the worker at once, or must not (EX_CONFIG)."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why a worker does not start.

    Args:
        sentences: one for each reason, with the fix; none if it may start.
        exit_status: the exit status of its process.
    """

    sentences: Sequence[str]
    exit_status: int


def reasons_not_to_start(box: PostBox, config: RedisConfig, directories: Iterable[Directory]) -> Reasons:
    """Check Redis and, if it gives no reason, the directories.

    The check of a directory binds, and a refused bind may count as a wrong password there. So a worker never
    binds and then exits with a status after which it is restarted: that would lock its account.

    Args:
        box: the post box, with the worker's own credentials.
        config: settings of the same Redis.
        directories: the directories that the worker would serve.
    """
    if against := _against_redis(box, config):
        return Reasons(sentences=against, exit_status=TRY_AGAIN)
    return Reasons(sentences=_against_directories(directories), exit_status=STAY_DOWN)


def _against_redis(box: PostBox, config: RedisConfig) -> list[str]:
    reasons = []
    fault = box.fault()
    if fault is not None and fault.is_certificate:
        reasons.append(f"{fault}.")
    if lets_anybody_in(config):
        reasons.append(OPEN_REDIS)
    return reasons


def _against_directories(directories: Iterable[Directory]) -> list[str]:
    reasons = []
    for directory in directories:
        if not isinstance(directory, ActiveDirectory):
            continue
        directory.health()
        if directory.excess_rights():
            reasons.append(f"{directory.excess_rights()}.")
    return reasons


def warn_of_open_redis(config: RedisConfig) -> None:
    """Log a warning if Redis has become open since the start."""
    if lets_anybody_in(config):
        logger.error("%s", OPEN_REDIS)
