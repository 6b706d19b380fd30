"""Probes each controller of a directory and sums up the directory's health."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from writeback.directory.connection import Broken
from writeback.directory.pool import Pool
from writeback.directory.settings import Host
from writeback.envelope.answers import DirectoryHealth, DirectoryState
from writeback.ports import DirectoryAway

DAY = 24 * 3600
CERTIFICATE_WARNING = 30
"""Days."""
LONGEST_DETAIL = 400


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One controller that answered."""

    name: str
    latency_ms: int
    certificate_days: int
    policy_hints: bool


def probe(
    pool: Pool, *, directory: str, hints_required: bool, warnings: Sequence[str], now: float
) -> DirectoryHealth:
    """Ask every controller for a sign of life; never raises.

    Args:
        pool: the connections to its controllers.
        directory: its id.
        hints_required: True if a controller without policy hints can't be used.
        warnings: problems that earlier calls found.
        now: Unix time.
    """
    problems = list(warnings)
    seen: list[Seen] = []
    deadline = pool.deadline()
    for host in pool.hosts:
        try:
            seen.append(_look_at(pool, host, deadline, now))
        except (Broken, DirectoryAway) as fault:
            named = host.name in str(fault)
            problems.append(str(fault) if named else f"{host.name} can't be used: {fault}")
    for dc in seen:
        if dc.certificate_days < CERTIFICATE_WARNING:
            problems.append(f"the certificate of {dc.name} expires in {dc.certificate_days} days")
        if hints_required and not dc.policy_hints:
            problems.append(f"{dc.name} does not offer the policy-hints control, so resets there are refused")
    if seen and pool.pdc and pool.pdc not in {host.name for host in pool.hosts}:
        problems.append(f"the PDC emulator {pool.pdc} is not among the configured hosts")
    used = min(seen, key=lambda dc: dc.name != pool.pdc, default=None)
    return DirectoryHealth(
        directory=directory,
        state=_state(seen, problems),
        detail="; ".join(problems)[:LONGEST_DETAIL],
        dc=used.name if used else "",
        latency_ms=used.latency_ms if used else 0,
        certificate_days=min((dc.certificate_days for dc in seen), default=0),
        policy_hints=used.policy_hints if used else False,
    )


def _state(seen: Sequence[Seen], problems: Sequence[str]) -> DirectoryState:
    if not seen:
        return DirectoryState.DOWN
    return DirectoryState.DEGRADED if problems else DirectoryState.UP


def _look_at(pool: Pool, host: Host, deadline: float, now: float) -> Seen:
    try:
        return _ask(pool, host, deadline, now, fresh=False)
    except Broken as fault:
        if not fault.sent:
            raise
    return _ask(pool, host, deadline, now, fresh=True)


def _ask(pool: Pool, host: Host, deadline: float, now: float, *, fresh: bool) -> Seen:
    with pool.link(host, deadline=deadline, fresh=fresh) as link:
        begun = time.monotonic()
        link.search("", "(objectClass=*)", ["dnsHostName"])
        return Seen(
            name=host.name,
            latency_ms=round((time.monotonic() - begun) * 1000),
            certificate_days=int((link.certificate_end() - now) // DAY),
            policy_hints=link.hints is not None,
        )
