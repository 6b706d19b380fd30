"""What keeps a worker from starting though its settings are right: open doors, and power it must not have.

What can't be looked at now is no reason: a worker waits for a Redis or a directory that is away.
"""

import logging
from collections.abc import Iterable

from writeback.broker import PostBox
from writeback.config import RedisConfig
from writeback.directory.active_directory import ActiveDirectory
from writeback.ports import Directory
from writeback.strict_redis import lets_anybody_in

OPEN_REDIS = "Redis answers without a password; put into its aclfile: user default off."

logger = logging.getLogger(__name__)


def reasons_not_to_start(box: PostBox, config: RedisConfig, directories: Iterable[Directory]) -> list[str]:
    """Return a sentence for each reason, with what mends it.

    Args:
        box: in Redis, as the worker is let in.
        config: of the same Redis.
        directories: that the worker would serve.
    """
    reasons = []
    fault = box.fault()
    if fault is not None and fault.is_certificate:
        reasons.append(f"{fault}.")
    if lets_anybody_in(config):
        reasons.append(OPEN_REDIS)
    for directory in directories:
        if not isinstance(directory, ActiveDirectory):
            continue
        directory.health()
        if directory.overpowered():
            reasons.append(f"{directory.overpowered()}.")
    return reasons


def warn_of_open_redis(config: RedisConfig) -> None:
    """Log what would keep a worker from starting, where it has come later."""
    if lets_anybody_in(config):
        logger.error("%s", OPEN_REDIS)
