"""The doctor's check of the worker itself: it runs, and its heartbeats reach Redis."""

import time
from collections.abc import Iterator

from writeback.assembly import open_vault
from writeback.config import Config
from writeback.envelope.findings import Finding, failure, ok
from writeback.envelope.heartbeats import KEPT
from writeback.sign_of_life import last_sign

_LOG = "journalctl -u keyback-writeback -n 50 says why"


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings; a site that is switched off or not paired needs no worker."""
    vault = open_vault(config)
    if vault.is_disabled() or vault.portal() is None:
        return
    name, now, life = config.site.worker, time.time(), last_sign(config.site.run)
    if life is None:
        yield failure(
            "worker.running", f"the worker {name} does not run", "systemctl start keyback-writeback"
        )
    elif life.is_over(now):
        says = (
            f"the worker {name} has died or hangs: its last sign of life is {now - life.seen:.0f} seconds old"
        )
        yield failure("worker.running", says, f"systemctl restart keyback-writeback; {_LOG}")
    else:
        yield ok("worker.running", f"the worker {name} runs")
        yield _settings(config, life.ceiling)
        yield _heartbeat(life.beat, life.trouble, now)


def _settings(config: Config, ceiling: str) -> Finding:
    if ceiling == config.ceiling_hash.hex():
        return ok("worker.settings", "it runs with the rules of this writeback.toml")
    worker = config.site.worker
    says = f"the worker {worker} runs with other rules than are in its writeback.toml now"
    if not ceiling:
        says = f"the worker {worker} has an older version than this command"
    return failure("worker.settings", says, "systemctl restart keyback-writeback")


def _heartbeat(beat: float, trouble: str, now: float) -> Finding:
    if beat and now - beat <= KEPT / 2:
        return ok("worker.heartbeat", f"its last heartbeat is {now - beat:.0f} seconds old")
    since = f"for {now - beat:.0f} seconds" if beat else "yet"
    says = f"Redis has accepted no heartbeat of the worker {since}"
    mend = trouble or f"see the findings about Redis here; {_LOG}"
    return failure("worker.heartbeat", says, mend)
