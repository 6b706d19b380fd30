"""Chains: the attempts of one browser, linked by a token that the worker makes.

A token proves nothing; it only shows that two attempts come from the same browser. A chain in which a person
has proven enough has tries and mails of its own for that person, which strangers can't use up.

Every token belongs to an epoch of the site. `writeback revoke` begins a new epoch. From then on no older
token is accepted, whatever is proven in its browser later.
"""

import hmac
import os

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from writeback.envelope.jobs import CHAIN_LIFE, Operation
from writeback.ports import Attempt, Owner
from writeback.proof.context import RegisterContext
from writeback.state import Source, belongs_to
from writeback.state.tables import chains, marks, meta

MOST = 5
"""How many known chains one person can have; a further one replaces the oldest."""
_ID = 16
_EPOCH = "chain_epoch"
_READ_EPOCH = select(meta.c.value).where(meta.c.name == _EPOCH)
_NOBODY = {"directory": "", "guid": b""}
"""The owner in the row of a burnt chain, whose token is not accepted any more."""
_IS_BURNT = select(chains.c.at).where(
    chains.c.chain == bindparam("of_token"), chains.c.directory == "", chains.c.guid == b""
)


def read_epoch(tx: Connection) -> str:
    """Return the current epoch, whose tokens are accepted."""
    return tx.execute(_READ_EPOCH).scalar_one_or_none() or "0"


def read_chain(tx: Connection, context: RegisterContext, token: bytes | None) -> bytes:
    """Return the id of a token's chain; a new id for a token of somebody else's or of a burnt chain."""
    identifier = (token or b"")[:_ID]
    is_ours = hmac.compare_digest(token_of(context, identifier, read_epoch(tx)), token or b"")
    is_burnt = tx.execute(_IS_BURNT, {"of_token": identifier}).first() is not None
    return identifier if is_ours and not is_burnt else os.urandom(_ID)


def token_of(context: RegisterContext, chain: bytes, epoch: str) -> bytes:
    """Return the token of a chain, 32 bytes; nobody can make it without the keys of the state."""
    return chain + context.keys.digest("chain", epoch.encode(), chain)[:_ID]


def source_of(tx: Connection, context: RegisterContext, attempt: Attempt) -> Source:
    """Return the source of an attempt's tries and mails; each source has counts of its own."""
    if attempt.operation is Operation.REGISTER:
        return Source.SIGNED_IN
    if tx.execute(select(marks.c.method).where(marks.c.attempt == attempt.id)).first() is not None:
        return Source.PROVEN
    known = select(chains.c.at).where(belongs_to(attempt.owner, chains), chains.c.chain == attempt.chain)
    at = tx.execute(known).scalar_one_or_none()
    return Source.KNOWN if at is not None and context.now() < at + CHAIN_LIFE else Source.STRANGER


def make_known(tx: Connection, context: RegisterContext, attempt: Attempt) -> None:
    """Make the attempt's chain known for its person, who has proven enough in it."""
    if attempt.operation is Operation.REGISTER:
        return
    mine, of_person = chains.c.chain == attempt.chain, belongs_to(attempt.owner, chains)
    tx.execute(delete(chains).where(of_person, mine))
    row = {"chain": attempt.chain, "directory": attempt.directory, "guid": attempt.guid, "at": context.now()}
    tx.execute(insert(chains).values(**row))
    newest = select(chains.c.chain).where(of_person).order_by(chains.c.at.desc(), chains.c.chain).limit(MOST)
    kept = tx.execute(newest).scalars().all()
    tx.execute(delete(chains).where(of_person, chains.c.chain.not_in(kept)))


def forget_chains(tx: Connection, owner: Owner, *, now: float) -> None:
    """Burn all known chains of a person, for all people: somebody else may have copies of the tokens."""
    for chain in tx.execute(select(chains.c.chain).where(belongs_to(owner, chains))).scalars().all():
        tx.execute(delete(chains).where(chains.c.chain == chain))
        tx.execute(insert(chains).values(chain=chain, at=now, **_NOBODY))


def count_chains(tx: Connection) -> int:
    """Return how many chains are known, for all people together."""
    known = select(func.count()).select_from(chains).where(chains.c.directory != "")
    return tx.execute(known).scalar_one()


def forget_all_chains(tx: Connection) -> None:
    """Forget all chains and begin a new epoch: a captured portal has seen tokens of unknown browsers, too."""
    tx.execute(delete(chains))
    epoch = str(int(read_epoch(tx)) + 1)
    tx.execute(delete(meta).where(meta.c.name == _EPOCH))
    tx.execute(insert(meta).values(name=_EPOCH, value=epoch))
