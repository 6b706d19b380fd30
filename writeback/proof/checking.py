"""Checking a code: count the try, work it out, burn it; the same steps for real and made-up people."""

import os

from sqlalchemy import Connection, Update, select, update

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.secret import Secret
from writeback.ports import Attempt
from writeback.proof.announcing import announce
from writeback.proof.attempts import is_open
from writeback.proof.desk import Desk
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.kind import Trial
from writeback.proof.kinds import KINDS
from writeback.state import Count, give_back, take
from writeback.state.tables import attempts, factors


class Check:
    """One try at one factor. What a right code is good for is written in the transaction that burns it.

    Args:
        desk: state, keys, time and policy.
        attempt: within which the code was typed.
        factor: that it is to prove.
    """

    def __init__(self, desk: Desk, attempt: Attempt, factor: Factor) -> None:
        self._desk, self._attempt, self._factor = desk, attempt, factor
        self._kind = KINDS[factor.method]
        self._trial = Trial(desk=desk, attempt=attempt.id, factor=factor)
        self._ticket = os.urandom(16)

    def reserve(self) -> Answer | None:
        """Count a failure before anything is looked at; an answer says why no try is to be had."""
        rules = self._desk.ceiling.attempts
        who = f"wrong:{self._attempt.directory}:{self._attempt.guid.hex()}"
        counts = [
            Count(subject=f"{who}:{self._factor.method}", rates=rules.wrong_per_method, locks=True),
            Count(subject=who, rates=rules.wrong_per_user, locks=True),
        ]
        with self._desk.state.writing() as tx:
            wait = take(tx, counts, now=self._desk.now(), ticket=self._ticket)
            if wait:
                return Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=wait))
            if not self._kind.ready(tx, self._trial):
                give_back(tx, self._ticket)
                return Answer(outcome=Outcome.CODE_EXPIRED)
            tx.execute(self._row().values(failures=factors.c.failures + 1))
        return None

    def evidence(self, code: Secret) -> bytes:
        """Work out what the code amounts to; slow for some kinds, and outside any transaction."""
        return self._kind.evidence(self._trial, code.reveal())

    def settle(self, tx: Connection, evidence: bytes) -> bool:
        """Tell whether the code is right; then it is burnt, and the counted failure is taken back."""
        row = tx.execute(select(attempts).where(attempts.c.id == self._attempt.id)).one_or_none()
        right = self._kind.accept(tx, self._trial, evidence)
        is_real = row is not None and not row.decoy and is_open(row, self._desk)
        if right and is_real and self._factor.state != MADE_UP:
            give_back(tx, self._ticket)
            tx.execute(self._row().values(failures=0, last_used=self._desk.now()))
            return True
        self._switch_off(tx)
        return False

    def _switch_off(self, tx: Connection) -> None:
        worn_out = (
            factors.c.failures >= self._desk.ceiling.attempts.wrong_in_a_row,
            factors.c.state == "active",
        )
        ended = {"state": "disabled", "ended": self._desk.now()}
        if tx.execute(self._row().where(*worn_out).values(**ended)).rowcount:
            announce(tx, self._desk, self._attempt, self._factor, kind="notice-factor-removed", locale="en")

    def _row(self) -> Update:
        return update(factors).where(factors.c.id == self._factor.id)
