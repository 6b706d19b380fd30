"""Opens keys and state, and builds the worker's memory and its site, for worker, CLI and bench."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from writeback.ceiling.denied import DeniedGroups
from writeback.config import Config
from writeback.envelope.keyring import VerifyKey
from writeback.journal import SqlJournal
from writeback.ports import Audit, Clock, Courier, Directory, do_nothing
from writeback.proof import RegisterContext, SqlRegister
from writeback.state import SqlAnchors, SqlOutbox, State, StateKeys, Worries
from writeback.vault import Vault
from writeback.worker_site import WorkerSite


@dataclass(frozen=True, kw_only=True)
class Core:
    """The objects that fulfil the ports of the worker's memory."""

    register: SqlRegister
    journal: SqlJournal
    anchors: SqlAnchors
    outbox: SqlOutbox


def open_vault(config: Config, now: Callable[[], float] = time.time) -> Vault:
    """Return the key files of this worker.

    Args:
        config: the worker's settings.
        now: returns Unix time in seconds.
    """
    return Vault(config.site.keys, config.site.run, config.portal.public_key_file, now)


def open_state(config: Config, vault: Vault) -> State:
    """Return the site's state, if the keys belong to it; the caller closes it.

    Raises:
        StateUnusable: it can't be opened, or the keys belong to another one.
        VaultError: the file that says which state the keys belong to can't be read.
    """
    return State(config.site.state, known=vault.state_id())


def open_context(config: Config, vault: Vault, clock: Clock) -> RegisterContext:
    """Return the state with the keys that open its sealed columns; the caller closes the state.

    Raises:
        ValueError: there is no key.
        StateUnusable, VaultError: as for `open_state`.
    """
    keys = StateKeys(vault.state_keys())
    return RegisterContext(state=open_state(config, vault), keys=keys, clock=clock, ceiling=config.ceiling)


def build_core(
    context: RegisterContext,
    *,
    measure: Callable[[], None] = do_nothing,
    portal: Callable[[], VerifyKey | None] = lambda: None,
) -> Core:
    """Build the worker's memory on the state of a context.

    Args:
        context: the state, its keys, the clock and the ceiling.
        measure: measures the state's clock again before a write.
        portal: returns the key of the paired portal, or None.
    """
    state, keys, clock = context.state, context.keys, context.clock
    return Core(
        register=SqlRegister(context),
        journal=SqlJournal(state, keys, clock, context.ceiling, measure, portal=portal),
        anchors=SqlAnchors(state, clock),
        outbox=SqlOutbox(state, keys, clock),
    )


def build_site(
    context: RegisterContext,
    core: Core,
    *,
    name: str,
    directories: Mapping[str, Directory],
    denied: Mapping[str, DeniedGroups],
    clock: Clock,
    clock_is_off: Callable[[], float],
    audit: Audit,
    couriers: Sequence[Courier],
    worker: str,
    version: str,
    sign: Callable[[bytes, bytes], bytes],
) -> WorkerSite:
    """Build what the handlers of a worker may use.

    Args:
        context: the state and the ceiling.
        core: the worker's memory on that state.
        name: of the site.
        directories: by their ids; names are counted under the id of the first.
        denied: the groups whose members are never touched, by the directory's id.
        clock: this host's clock.
        clock_is_off: returns the seconds that this host's clock is ahead of the state's.
        audit: the worker's own.
        couriers: one for each channel.
        worker: the name of this worker.
        version: of the installed product.
        sign: returns the signature of W-id over label ‖ data, 64 bytes.
    """
    ceiling = context.ceiling
    return WorkerSite(
        name=name,
        directories=directories,
        clock=clock,
        audit=audit,
        register=core.register,
        journal=core.journal,
        anchors=core.anchors,
        outbox=core.outbox,
        couriers=couriers,
        worker=worker,
        version=version,
        gates=ceiling.ceiling_gates(),
        allowed=tuple(sorted(ceiling.operations)),
        ceiling_hash=ceiling.digest(),
        notices=ceiling.notify.notice_rules(),
        ceiling=ceiling,
        denied=denied,
        worries=Worries(context.state, clock),
        state_id=context.state.id,
        realm=next(iter(directories)),
        clock_is_off=clock_is_off,
        sign=sign,
    )
