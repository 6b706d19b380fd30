"""Revokes factors when an operator asks for it: after a capture of the portal, or for one person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, or_, select, update

from writeback.envelope.jobs import FALLBACK_LOCALE
from writeback.ports import Channel, Owner
from writeback.proof.announcing import notes_for
from writeback.proof.chains import count_chains, forget_all_chains, forget_chains
from writeback.proof.context import RegisterContext
from writeback.proof.destination import read_destination
from writeback.proof.factor import Factor
from writeback.proof.factor_rows import OF_PERSON, load
from writeback.state import belongs_to, end_attempts, put, whose
from writeback.state.tables import factors

KIND = "notice-factor-removed"
_KNOWN = OF_PERSON.where(factors.c.state != "pending")


@dataclass(frozen=True, kw_only=True)
class Addressee(Owner):
    """A person whose factors are revoked, with what is needed to notify them.

    Args:
        account, mail: name and mail address in the directory now; empty if it can't be asked.
    """

    account: str = ""
    mail: str = ""


@dataclass(frozen=True, kw_only=True)
class Revoked:
    """The result for one person.

    Args:
        count: how many factors were revoked.
        anew: True if the person can do a first registration again.
        told: True if, for each factor, at least one address of the person is notified.
    """

    owner: Addressee
    count: int
    anew: bool
    told: bool


def find_owners_since(context: RegisterContext, since: float) -> tuple[Addressee, ...]:
    """Return the people with factors that were made or confirmed at that Unix time or later."""
    made = or_(factors.c.created >= since, factors.c.confirmed >= since)
    found = select(factors.c.directory, factors.c.guid).where(made, factors.c.state != "removed").distinct()
    with context.state.reading() as tx:
        return tuple(Addressee(directory=row.directory, guid=row.guid) for row in tx.execute(found).all())


def forget_browsers(context: RegisterContext, *, dry_run: bool) -> int:
    """Make every known browser unknown, since a captured portal has seen its token; return how many.

    Args:
        context: the register.
        dry_run: True only counts them.
    """
    with context.state.writing() as tx:
        known = count_chains(tx)
        if not dry_run:
            forget_all_chains(tx)
    return known


def revoke(context: RegisterContext, owner: Addressee, *, since: float, reference: str) -> Revoked:
    """Revoke what a person registered since then, end their attempts and sign-ins, and notify them.

    A person who had registered nothing before is new again afterwards: factors that an attacker left behind
    must not keep them from registering.

    Args:
        context: the register.
        owner: the person.
        since: Unix time; 0 revokes everything.
        reference: the reference that the notices and the audit show.
    """
    with context.state.writing() as tx:
        held = load(tx, context, _KNOWN, **whose(owner))
        taken = [one for one in held if one.state != "removed" and _was_made_since(one, since)]
        # Notify first: the addresses are forgotten afterwards.
        told = _notify(tx, context, owner, taken, reference)
        anew = all(_was_made_since(one, since) for one in held)
        _forget(tx, context, owner, taken, anew=anew)
    return Revoked(owner=owner, count=len(taken), anew=anew, told=told)


def _was_made_since(factor: Factor, since: float) -> bool:
    return max(factor.created, factor.confirmed) >= since


def _notify(
    tx: Connection, context: RegisterContext, owner: Addressee, taken: Sequence[Factor], reference: str
) -> bool:
    told, own_mail = [], read_destination(Channel.MAIL, owner.mail)
    for factor in taken:
        parameters = {
            "at": str(int(context.now())),
            "account": owner.account,
            "method": factor.method.value,
            "hint": factor.hint,
            "reference": reference,
        }
        notes = notes_for(
            tx, context, owner, own_mail=own_mail, kind=KIND, locale=FALLBACK_LOCALE, parameters=parameters
        )
        put(tx, context.keys, notes, now=context.now())
        told.append(bool(notes))
    return all(told)


def _forget(
    tx: Connection, context: RegisterContext, owner: Addressee, taken: Collection[Factor], *, anew: bool
) -> None:
    if anew:
        tx.execute(delete(factors).where(belongs_to(owner, factors)))
    tomb = {"state": "removed", "ended": context.now(), "secret": None}
    for factor in taken:
        tx.execute(update(factors).where(factors.c.id == factor.id).values(**tomb))
    forget_chains(tx, owner, now=context.now())
    end_attempts(tx, owner, now=context.now(), idle=context.ceiling.attempts.idle)
