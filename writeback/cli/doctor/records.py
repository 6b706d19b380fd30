"""The doctor's look at what the worker keeps: its state and its audit."""

from collections.abc import Iterator
from contextlib import closing

from writeback.audit import verify
from writeback.cli.common import open_audit, open_state, open_vault, state_keys
from writeback.clock import SystemClock
from writeback.config import Config
from writeback.envelope.findings import Finding, failure, ok
from writeback.handlers.health import OFF_BY, clock_trouble
from writeback.ports import StateAway
from writeback.state import StateClock, StateUnusable
from writeback.vault import VaultError


def state(config: Config) -> Iterator[Finding]:
    """Yield whether the state can be written, and whether its clock and this host's agree."""
    try:
        keys = state_keys(open_vault(config))
        with closing(open_state(config)) as opened:
            with opened.writing():
                yield ok("state.open", f"state {opened.id.hex()[:8]} can be written, {keys!r}")
            off = StateClock(opened, SystemClock()).host_is_off()
    except ValueError as error:
        yield failure("state.keys", str(error).removesuffix("."), "writeback setup")
    except (StateUnusable, StateAway, VaultError, OSError) as error:
        says = str(error).removesuffix(".")
        yield failure("state.open", says, "correct [site] state, and see who owns its folder")
    else:
        if abs(off) > OFF_BY:
            yield failure(
                "state.clock", clock_trouble(off).removesuffix("."), "let both set their clocks by NTP"
            )


def audit(config: Config) -> Iterator[Finding]:
    """Yield whether the audit can be written, and whether its chain holds."""
    opened = open_audit(config)
    opened.record("doctor.asked", reference="")
    if not opened.is_up():
        yield failure(
            "audit.open", f"the audit {config.site.audit} can't be written", "see who owns its folder"
        )
        return
    verdict = verify(config.site.audit, is_signed=lambda _: True)
    if verdict.problem:
        yield failure("audit.chain", f"the chain is broken: {verdict.problem}", "writeback audit verify")
    else:
        yield ok("audit.chain", f"audit of {verdict.lines} lines")
