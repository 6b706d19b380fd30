"""Decides who is notified of a change: a person's address in the directory and the addresses of all factors.

The address of a factor that was removed or switched off lately is notified too. A person with none of these
addresses can't be notified; administrators are notified instead, if the ceiling says so.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, and_, bindparam, or_

from writeback.envelope.answers import Unreachable
from writeback.envelope.jobs import FALLBACK_LOCALE, reference_of
from writeback.envelope.secret import Secret
from writeback.ports import NOTICE, Attempt, Channel, Hearers, Note, Notices, Owner
from writeback.proof.context import RegisterContext
from writeback.proof.destination import Destination
from writeback.proof.factor import Factor, ready_at
from writeback.proof.factor_rows import OF_PERSON, load
from writeback.proof.registration_status import RegistrationStatus, registration_status
from writeback.proof.registry import KINDS
from writeback.state import put, whose
from writeback.state.sweep import TOMBSTONE_HEARS
from writeback.state.tables import factors

INSTEAD = "notice-unreachable"
_ENDED_LATELY = and_(factors.c.state.in_(("removed", "disabled")), factors.c.ended > bindparam("ended_since"))
_SENDING = [method for method, kind in KINDS.items() if kind.channel]
_HEARING = OF_PERSON.where(factors.c.method.in_(_SENDING), or_(factors.c.state == "active", _ENDED_LATELY))


def notes_for(
    tx: Connection,
    context: RegisterContext,
    owner: Owner,
    *,
    own_mail: Destination | None,
    kind: str,
    locale: str,
    parameters: Mapping[str, str],
) -> tuple[Note, ...]:
    """Return one note for each address of a person, the address in the directory first.

    Two spellings of one mailbox get a note each. We can only guess which mail servers ignore what follows a
    plus sign. The guess is good enough to call two factors dependent, but not to leave an address out.
    """
    channels = context.ceiling.notify.channels
    hearing = [own_mail] if own_mail and "ad:mail" in channels else []
    if "factors" in channels:
        hearing += _load_destinations(tx, context, owner)
    return tuple(
        Note(kind=kind, channel=one.channel, to=one.to, locale=locale, parameters=parameters)
        for one in dict.fromkeys(hearing)
    )


def notices_for(
    tx: Connection,
    context: RegisterContext,
    owner: Owner,
    *,
    own_mail: Destination | None,
    kind: str,
    locale: str,
    parameters: Mapping[str, str],
) -> Notices:
    """Return the notes about a change: to the person, or to administrators if the person has no address."""
    notes = notes_for(tx, context, owner, own_mail=own_mail, kind=kind, locale=locale, parameters=parameters)
    return (
        Notices(notes=notes, told=Hearers.PERSON)
        if notes
        else _notices_to_administrators(context, kind, parameters)
    )


def is_refused(
    tx: Connection,
    context: RegisterContext,
    attempt: Attempt,
    status: RegistrationStatus,
    *,
    adding: Destination | None = None,
) -> bool:
    """Tell whether a person's factors must stay as they are because the person could not be notified.

    Args:
        tx: a transaction.
        context: the ceiling.
        attempt: the attempt in which the factors would change.
        status: the person's registration status in this attempt.
        adding: the destination of the new factor; None if it has none, or if no factor is added.
    """
    is_strict = context.ceiling.notify.unreachable is Unreachable.REFUSE
    return is_strict and not _can_notify(tx, context, attempt, status, adding=adding)


def announce(
    tx: Connection,
    context: RegisterContext,
    attempt: Attempt,
    factor: Factor,
    *,
    kind: str,
    locale: str,
    more: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Queue the notices about a change of a factor, in the transaction that makes the change."""
    status = registration_status(tx, context, attempt.owner, attempt.id)
    parameters = {
        "at": str(int(context.now())),
        "account": status.account,
        "method": factor.method.value,
        "hint": factor.hint,
        "usable": str(int(ready_at(factor, context))),
        "reference": reference_of(attempt.id),
        **more,
    }
    notes = notes_for(
        tx, context, attempt.owner, own_mail=status.own_mail, kind=kind, locale=locale, parameters=parameters
    )
    if not _can_notify(tx, context, attempt, status):
        notes += _notices_to_administrators(context, kind, parameters).notes
    put(tx, context.keys, notes, now=context.now())


def _can_notify(
    tx: Connection,
    context: RegisterContext,
    attempt: Attempt,
    status: RegistrationStatus,
    *,
    adding: Destination | None = None,
) -> bool:
    """Tell whether the person has an address that can be notified.

    While all factors come from this sign-in, only the address in the directory counts: whoever signed in may
    have added the others, with nothing but the password.
    """
    channels = context.ceiling.notify.channels
    if "ad:mail" in channels and status.own_mail:
        return True
    if status.is_new or "factors" not in channels:
        return False
    return bool(adding or _load_destinations(tx, context, attempt.owner))


def _notices_to_administrators(context: RegisterContext, kind: str, parameters: Mapping[str, str]) -> Notices:
    rules = context.ceiling.notify
    hearers = () if rules.unreachable is Unreachable.TELL_NOBODY else rules.administrators
    given = {**parameters, "done": kind.removeprefix(NOTICE)}
    return Notices(
        notes=tuple(
            Note(
                kind=INSTEAD,
                channel=Channel.MAIL,
                to=Secret(address),
                locale=FALLBACK_LOCALE,
                parameters=given,
            )
            for address in hearers
        ),
        told=Hearers.ADMINISTRATORS if hearers else Hearers.NOBODY,
        refused=rules.unreachable is Unreachable.REFUSE,
    )


def _load_destinations(tx: Connection, context: RegisterContext, owner: Owner) -> list[Destination]:
    since = context.now() - TOMBSTONE_HEARS
    hearing = load(tx, context, _HEARING, **whose(owner), ended_since=since)
    return [one.destination for one in hearing if one.destination]
