"""Which portal the site trusts: one row, checked in each transaction that takes a job or begins a write.

The key itself stays in a file on each host, and the row can only narrow that: somebody who can write to the
database can switch the site off, but can't make a host trust another portal.
"""

from sqlalchemy import Connection, delete, insert, select

from writeback.envelope.keyring import VerifyKey
from writeback.ports import StateAway
from writeback.state.store import State
from writeback.state.tables import meta

_NAME = "portal"
_OFF = "off"
_NOBODY = "nobody"  # switched on again, but not paired since
_FOUND = select(meta.c.value).where(meta.c.name == _NAME)


class SwitchedOff(StateAway):
    """The site does not trust the asking portal, or trusts no portal at all."""


class Switch:
    """The site's switch in its state; until somebody uses it, each host trusts the key in its file."""

    def __init__(self, state: State) -> None:
        self._state = state

    def is_off(self) -> bool:
        """Tell whether the site is switched off.

        Raises:
            StateAway: that can't be told now.
        """
        with self._state.reading() as tx:
            return tx.execute(_FOUND).scalar_one_or_none() == _OFF

    def trusts(self, portal: VerifyKey) -> bool:
        """Tell whether the site trusts a portal that a host has pinned.

        Raises:
            StateAway: that can't be told now.
        """
        with self._state.reading() as tx:
            return _is_trusted(tx, portal)

    def switch_off(self) -> None:
        """Make every worker of the site refuse every job from now on."""
        with self._state.writing() as tx:
            _set(tx, _OFF)

    def switch_on(self) -> None:
        """Allow pairing again; if the site is on already, its pairing stays."""
        with self._state.writing() as tx:
            if tx.execute(_FOUND).scalar_one_or_none() == _OFF:
                _set(tx, _NOBODY)

    def pair(self, portal: VerifyKey) -> None:
        """Make the site trust this portal and no other.

        Raises:
            SwitchedOff: the site is switched off.
        """
        with self._state.writing() as tx:
            if tx.execute(_FOUND).scalar_one_or_none() == _OFF:
                raise SwitchedOff("Writeback is switched off; first run: writeback enable.")
            _set(tx, portal.raw.hex())


def require_trusted(tx: Connection, portal: VerifyKey | None) -> None:
    """Check that the site trusts a portal.

    Raises:
        SwitchedOff: it does not; nothing of the transaction may be kept.
    """
    if not _is_trusted(tx, portal):
        raise SwitchedOff("writeback is switched off, or paired with another portal")


def _is_trusted(tx: Connection, portal: VerifyKey | None) -> bool:
    found = tx.execute(_FOUND).scalar_one_or_none()
    return found is None or (portal is not None and found == portal.raw.hex())


def _set(tx: Connection, value: str) -> None:
    tx.execute(delete(meta).where(meta.c.name == _NAME))
    tx.execute(insert(meta).values(name=_NAME, value=value))
