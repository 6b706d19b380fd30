"""The doctor's check of settings that are allowed but may be a mistake."""

from collections.abc import Iterator

from writeback.ceiling import HOUR
from writeback.config import Config
from writeback.envelope.findings import Finding, ok, warning


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings."""
    found = [*_of_ceiling(config), *_of_directories(config)]
    yield from found
    if not found:
        yield ok("policy.settings", "no setting removes protection")


def _of_ceiling(config: Config) -> Iterator[Finding]:
    scope, limits = config.ceiling.scope, config.ceiling.limits
    if limits.new_factor_cooldown < HOUR:
        yield warning(
            "policy.cooldown",
            f"a new factor counts after {limits.new_factor_cooldown} seconds, so a thief of a password "
            "and a mailbox can reset at once",
            '[limits] new_factor_cooldown = "24h"',
        )
    if not scope.operators:
        yield warning(
            "policy.operators",
            "no group of operators is named, so the people who run Keyback can be reset by it",
            "[scope] operators: name the group of the people who administer portal, worker and Redis",
        )
    for key, is_set in (("deny_admincount", scope.deny_admincount), ("deny_spn", scope.deny_spn)):
        if not is_set:
            who = "former administrators" if key == "deny_admincount" else "accounts that run services"
            yield warning(f"policy.{key.replace('_', '-')}", f"{who} can be reset", f"[scope] {key} = true")


def _of_directories(config: Config) -> Iterator[Finding]:
    for directory in config.directories:
        if directory.policy_hints == "prefer":
            yield warning(
                "policy.hints",
                f"directory {directory.id}: a reset goes on if a controller can't enforce the history",
                '[[directory]] policy_hints = "require"',
            )
