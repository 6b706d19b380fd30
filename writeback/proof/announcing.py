"""Who must hear of it: the directory's address, and every destination that is or lately was a factor."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, and_, bindparam, or_

from writeback.envelope.addresses import read_address
from writeback.envelope.jobs import reference_of
from writeback.envelope.secret import Secret
from writeback.ports import Attempt, Note
from writeback.proof.desk import Desk
from writeback.proof.factor import OF_PERSON, Factor, load, usable_from, whose
from writeback.proof.kinds import KINDS
from writeback.proof.mailbox import box_of, mask
from writeback.proof.standing import standing_of
from writeback.state import put
from writeback.state.sweep import TOMBSTONE_HEARS
from writeback.state.tables import factors

_ENDED_LATELY = and_(factors.c.state.in_(("removed", "disabled")), factors.c.ended > bindparam("ended_since"))
_SENDING = [method for method, kind in KINDS.items() if kind.sends]
_HEARING = OF_PERSON.where(factors.c.method.in_(_SENDING), or_(factors.c.state == "active", _ENDED_LATELY))


def notes_for(
    tx: Connection,
    desk: Desk,
    who: Attempt | Factor,
    *,
    own_mail: str,
    kind: str,
    locale: str,
    parameters: Mapping[str, str],
) -> tuple[Note, ...]:
    """Return one note for each mailbox of a person, the directory's own first."""
    channels = desk.ceiling.notify.channels
    addresses = [read_address(own_mail) or ""] if "ad:mail" in channels else []
    if "factors" in channels:
        addresses += _destinations(tx, desk, who.directory, who.guid)
    return tuple(
        Note(kind=kind, to=Secret(address), locale=locale, parameters=parameters)
        for address in _one_per_box(addresses)
    )


def announce(tx: Connection, desk: Desk, attempt: Attempt, factor: Factor, *, kind: str, locale: str) -> None:
    """Tell a person that a factor was added or removed, in the transaction that does it."""
    standing = standing_of(tx, desk, attempt.directory, attempt.guid, attempt.id)
    parameters = {
        "at": str(int(desk.now())),
        "account": standing.account,
        "method": factor.method.value,
        "hint": mask(factor.destination),
        "usable": str(int(usable_from(factor, desk))),
        "reference": reference_of(attempt.id),
    }
    notes = notes_for(
        tx, desk, attempt, own_mail=standing.own_mail, kind=kind, locale=locale, parameters=parameters
    )
    put(tx, desk.keys, notes, now=desk.now())


def _destinations(tx: Connection, desk: Desk, directory: str, guid: bytes) -> list[str]:
    since = desk.now() - TOMBSTONE_HEARS
    hearing = load(tx, desk, _HEARING, **whose(directory, guid), ended_since=since)
    return [one.destination for one in hearing]


def _one_per_box(addresses: Iterable[str]) -> Iterable[str]:
    return {box_of(address): address for address in addresses if address}.values()
