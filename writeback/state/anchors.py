"""The newest head of the portal's audit that this site has seen: one row, which only moves forward."""

from sqlalchemy import Connection, delete, insert, select

from writeback.ports import Advance, Anchor, Clock, Fit, Head
from writeback.state.store import State
from writeback.state.tables import meta

_NAME = "portal-audit"
_FOUND = select(meta.c.value).where(meta.c.name == _NAME)


class SqlAnchors:
    """Fulfils ports.Anchors."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def last(self) -> Anchor | None:
        with self._state.reading() as tx:
            return _last(tx)

    def advance(self, head: Head, *, since: Head) -> Advance:
        with self._state.writing() as tx:
            known = _last(tx)
            fit = _judge(known.head if known else Head(), head, since)
            if fit is not Fit.KEPT or (known and head == known.head):
                return Advance(fit=fit, anchor=known)
            kept = Anchor(head=head, at=int(self._clock.now()))
            _keep(tx, kept)
        return Advance(fit=fit, anchor=kept, is_new=True)

    def forget(self) -> Anchor | None:
        """Forget the anchor at the admin's request and return it; the next head is accepted as it is."""
        with self._state.writing() as tx:
            known = _last(tx)
            tx.execute(delete(meta).where(meta.c.name == _NAME))
        return known


def _judge(known: Head, head: Head, since: Head) -> Fit:
    if since.number != known.number:
        return Fit.STALE
    goes_on = head.number > known.number or head == known
    return Fit.KEPT if since == known and goes_on else Fit.BROKEN


def _last(tx: Connection) -> Anchor | None:
    found = tx.execute(_FOUND).scalar_one_or_none()
    if found is None:
        return None
    number, digest, at = found.split(":")
    return Anchor(head=Head(number=int(number), hash=bytes.fromhex(digest)), at=int(at))


def _keep(tx: Connection, anchor: Anchor) -> None:
    tx.execute(delete(meta).where(meta.c.name == _NAME))
    value = f"{anchor.head.number}:{anchor.head.hash.hex()}:{anchor.at}"
    tx.execute(insert(meta).values(name=_NAME, value=value))
