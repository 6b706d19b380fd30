"""Notes that wait to be sent, sealed, put there in the transaction that they tell of."""

import json
import os
import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, not_, select, update

from writeback.envelope.jobs import FALLBACK_LOCALE
from writeback.envelope.secret import Secret
from writeback.ports import NOTICE, NOTICES_WAIT, Channel, Clock, Note, Queued
from writeback.state.sealing import StateKeys
from writeback.state.store import State
from writeback.state.tables import outbox

_PUT = insert(outbox)
_IS_NOTICE = outbox.c.kind.startswith(NOTICE)
_DUE = select(outbox).where(
    outbox.c.due <= bindparam("now"),
    outbox.c.expires > bindparam("now"),
    not_(_IS_NOTICE) | (outbox.c.due <= bindparam("notices_until")),
)
_IS_ANY_DUE = _DUE.with_only_columns(outbox.c.id).limit(1)
_FIRST_DUE = _DUE.order_by(outbox.c.due + case((_IS_NOTICE, NOTICES_WAIT), else_=0)).limit(bindparam("most"))
_LATER = update(outbox).where(outbox.c.id == bindparam("note"))
_FORGET = delete(outbox).where(outbox.c.id == bindparam("note"))
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


def put(tx: Connection, keys: StateKeys, notes: Sequence[Note], *, now: float, send: bool = True) -> None:
    """Put notes into the outbox.

    Args:
        tx: the transaction that the notes tell of.
        keys: seal destination and parameters.
        notes: what is to be sent.
        now: Unix time in seconds.
        send: False does the same work and leaves nothing to send (for decoys).
    """
    for note in notes:
        key = os.urandom(16)
        plain = json.dumps([note.to.reveal(), dict(note.parameters)]).encode()
        values = {
            "key": key,
            "kind": note.kind,
            "channel": note.channel,
            "locale": note.locale if _LOCALE.fullmatch(note.locale) else FALLBACK_LOCALE,
            "sealed": keys.seal("outbox", plain, *_place(key, note.kind, note.channel)),
            "due": now,
            "expires": now + note.life if send else now,
        }
        tx.execute(_PUT, values)


class SqlOutbox:
    """The outbox as the couriers see it.

    What it writes need not outlive a power cut: then a note is sent twice, and never not at all.
    """

    def __init__(self, state: State, keys: StateKeys, clock: Clock) -> None:
        self._state, self._keys, self._clock = state, keys, clock

    def take(self, *, most: int, lease: int, patience: float = 0) -> Sequence[Queued]:
        with self._state.reading() as tx:
            if tx.execute(_IS_ANY_DUE, _due(self._clock.now(), patience)).first() is None:
                return ()
        with self._state.writing(lasting=False) as tx:
            now = self._clock.now()
            found = tx.execute(_FIRST_DUE, _due(now, patience) | {"most": most + 1}).all()
            rows = found[:most]
            if rows:
                tx.execute(_LATER, [{"note": row.id, "due": now + lease} for row in rows])
        last = len(found) <= most
        return tuple(Queued(id=row.id, note=self._open(row), tries=row.tries, last=last) for row in rows)

    def forget(self, queued: Queued) -> None:
        with self._state.writing(lasting=False) as tx:
            tx.execute(_FORGET, {"note": queued.id})

    def retry(self, queued: Queued, *, wait: int) -> None:
        values = {"due": self._clock.now() + wait, "tries": queued.tries + 1}
        with self._state.writing(lasting=False) as tx:
            tx.execute(_LATER, {"note": queued.id} | values)

    def count_waiting(self) -> int:
        with self._state.reading() as tx:
            alive = select(func.count()).select_from(outbox).where(outbox.c.expires > self._clock.now())
            return tx.execute(alive).scalar_one()

    def _open(self, row: Row[Any]) -> Note:
        place = _place(row.key, row.kind, row.channel)
        to, parameters = json.loads(self._keys.unseal("outbox", row.sealed, *place))
        life = int(row.expires - self._clock.now())
        return Note(
            kind=row.kind,
            channel=Channel(row.channel),
            to=Secret(to),
            locale=row.locale,
            parameters=parameters,
            life=life,
        )


def _place(key: bytes, kind: str, channel: str) -> tuple[bytes, ...]:
    """Return what a sealed note is bound to: it opens in no other row, and under no other kind or channel.

    A mail names no channel: notes were sealed like that while mail was the only channel, and older workers of
    the same state read and write them like that.
    """
    return (key, kind.encode()) if channel == Channel.MAIL else (key, kind.encode(), channel.encode())


def _due(now: float, patience: float) -> dict[str, float]:
    """Return what `_DUE` needs to know."""
    return {"now": now, "notices_until": now - patience}
