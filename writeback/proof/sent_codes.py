"""Codes that are sent: eight digits, valid for one attempt, five minutes and three tries; the newest only."""

import hmac
import os
import secrets

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.typed_codes import read_code
from writeback.ports import Channel
from writeback.proof.context import RegisterContext
from writeback.proof.factor import Factor
from writeback.proof.factor_kind import Made, Trial
from writeback.state.tables import codes


class SentCode:
    """Base of all kinds that send codes; a subclass names its method and channel.

    The limits on sent codes and the three tries at each one bound what can be guessed.
    """

    method: MethodKind
    channel: Channel | None
    guessable = False

    def make(self, _context: RegisterContext, /) -> Made:
        return Made()

    def make_dummy(self, _seed: bytes, /) -> bytes:
        return b""

    def begin_try(self, tx: Connection, trial: Trial, /) -> bool:
        one_less = (
            update(codes).where(*_match_code(trial), *_match_valid(trial)).values(tries=codes.c.tries + 1)
        )
        return tx.execute(one_less).rowcount == 1

    def compute_evidence(self, trial: Trial, typed: str, /) -> bytes:
        code = read_code(self.method, typed)
        mac = _mac(trial, code)
        return mac if code else b""

    def accept(self, tx: Connection, trial: Trial, evidence: bytes, /) -> bool:
        code = tx.execute(select(codes).where(*_match_code(trial))).one_or_none()
        if code is None or code.expires <= trial.context.now() or not hmac.compare_digest(code.mac, evidence):
            return False
        tx.execute(delete(codes).where(*_match_code(trial)))
        return True

    def is_used_up(self, tx: Connection, trial: Trial, /) -> bool:
        return tx.execute(select(codes).where(*_match_code(trial), *_match_valid(trial))).first() is None

    def count_left(self, _factor: Factor, /) -> int:
        return 0


def make_code(tx: Connection, trial: Trial, *, sent: bool) -> str:
    """Make a new code that replaces any older one, and return it.

    Args:
        tx: a writing transaction.
        trial: the factor and the attempt for which the code is valid.
        sent: False makes a code that is never right, so that a code that nobody received can't be guessed.
    """
    length = CODE_LENGTH[trial.factor.method]
    code = f"{secrets.randbelow(10**length):0{length}}"
    row = {
        "attempt": trial.attempt,
        "factor": trial.handle,
        "mac": _mac(trial, code) if sent else os.urandom(32),
        "expires": trial.context.now() + trial.context.ceiling.attempts.code_life,
    }
    tx.execute(delete(codes).where(*_match_code(trial)))
    tx.execute(insert(codes).values(**row))
    return code


def _match_code(trial: Trial) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return codes.c.attempt == trial.attempt, codes.c.factor == trial.handle


def _match_valid(trial: Trial) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    most = trial.context.ceiling.attempts.tries_per_code
    return codes.c.expires > trial.context.now(), codes.c.tries < most


def _mac(trial: Trial, code: str) -> bytes:
    factor = trial.factor
    address = factor.destination.address if factor.destination else ""
    return trial.context.keys.digest("code", trial.attempt, factor.id, address.encode(), code.encode("ascii"))
