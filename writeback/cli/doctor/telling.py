"""The doctor's check that somebody is told of changes and of problems."""

from collections.abc import Iterator

from writeback.config import Config
from writeback.envelope.findings import Finding, ok, warning


def checks(config: Config) -> Iterator[Finding]:
    """Yield a warning for everything that nobody would be told of."""
    gaps = dict(config.ceiling.notify.gaps())
    for setting, says in gaps.items():
        check = f"notify.{setting.replace('_', '-')}"
        yield warning(
            check, says, f"name mail addresses in [notify] {_setting_for(setting)} and restart the worker"
        )
    if not gaps:
        yield ok("notify.told", "somebody is told of every change")


def _setting_for(setting: str) -> str:
    return "on_call" if setting == "on_call" else 'administrators, with unreachable = "tell-administrators"'
