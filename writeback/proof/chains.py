"""Chains: the attempts of one browser, one after another, held together by a token of the worker's.

A token proves nothing; it tells that two attempts come from one place. Only a chain in which somebody has
proven enough is worth something, and only for that person: strangers can't use up what it has.
"""

import hmac
import os

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from writeback.envelope.jobs import CHAIN_LIFE, Operation
from writeback.ports import Attempt
from writeback.proof.desk import Desk
from writeback.state import Source
from writeback.state.tables import chains, marks

MOST = 5
"""Known chains of one person; of more, the newest stay."""
_ID = 16


def read_chain(desk: Desk, token: bytes | None) -> bytes:
    """Return the id of the chain of a token; a new one where the token is none of this site's."""
    identifier = (token or b"")[:_ID]
    is_ours = hmac.compare_digest(token_of(desk, identifier), token or b"")
    return identifier if is_ours else os.urandom(_ID)


def token_of(desk: Desk, chain: bytes) -> bytes:
    """Return the token of a chain, 32 bytes, which nobody can make without the keys of the state."""
    return chain + desk.keys.digest("chain", chain)[:_ID]


def source_of(tx: Connection, desk: Desk, attempt: Attempt) -> Source:
    """Return on whose account something is counted in an attempt."""
    if attempt.operation is Operation.REGISTER:
        return Source.SIGNED_IN
    if tx.execute(select(marks.c.method).where(marks.c.attempt == attempt.id)).first() is not None:
        return Source.PROVEN
    known = select(chains.c.at).where(*_of_person(attempt), chains.c.chain == attempt.chain)
    at = tx.execute(known).scalar_one_or_none()
    return Source.KNOWN if at is not None and desk.now() < at + CHAIN_LIFE else Source.STRANGER


def make_known(tx: Connection, desk: Desk, attempt: Attempt) -> None:
    """Remember that somebody has proven enough in this chain."""
    if attempt.operation is Operation.REGISTER:
        return
    mine, of_person = chains.c.chain == attempt.chain, _of_person(attempt)
    tx.execute(delete(chains).where(*of_person, mine))
    row = {"chain": attempt.chain, "directory": attempt.directory, "guid": attempt.guid, "at": desk.now()}
    tx.execute(insert(chains).values(**row))
    newest = select(chains.c.chain).where(*of_person).order_by(chains.c.at.desc(), chains.c.chain).limit(MOST)
    kept = tx.execute(newest).scalars().all()
    tx.execute(delete(chains).where(*of_person, chains.c.chain.not_in(kept)))


def forget_chains(tx: Connection, directory: str, guid: bytes) -> None:
    """Make strangers of all chains of a person: after a capture nobody knows who has their tokens."""
    tx.execute(delete(chains).where(chains.c.directory == directory, chains.c.guid == guid))


def count_chains(tx: Connection) -> int:
    """Return how many chains are known, of all people."""
    return tx.execute(select(func.count()).select_from(chains)).scalar_one()


def forget_all_chains(tx: Connection) -> None:
    """Make strangers of all chains: a captured portal saw tokens of people who registered nothing, too."""
    tx.execute(delete(chains))


def _of_person(attempt: Attempt) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return chains.c.directory == attempt.directory, chains.c.guid == attempt.guid
