"""Checks a code: counts the try, computes the evidence, burns the code; the same steps for made-up people."""

import os
from collections.abc import Mapping

from sqlalchemy import Connection, Update, bindparam, select, update

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.envelope.secret import Secret
from writeback.ports import Attempt, Checked
from writeback.proof.announcing import announce
from writeback.proof.attempts import is_open
from writeback.proof.chains import source_of
from writeback.proof.context import RegisterContext
from writeback.proof.factor import MADE_UP, Factor
from writeback.proof.factor_kind import Trial
from writeback.proof.registry import KINDS
from writeback.proof.tries import Taken, give_back_try, take_try
from writeback.state import Count, Source, give_back, take
from writeback.state.tables import attempts, factors, marks

_OTHER_PROOF = (
    select(marks.c.method)
    .where(marks.c.attempt == bindparam("in_attempt"), marks.c.method != bindparam("but"))
    .limit(1)
)


class Check:
    """One try at one factor. Whoever calls `settle` writes what the code proves in the same transaction.

    Args:
        context: state, keys, time and policy.
        attempt: the attempt in which the code was typed.
        factor: the factor that the code should prove.
        handle: the name that the portal uses for the factor.
        counted: the factor whose wrong tries are counted: the first of those that are offered as one.
        locale: language of a notice, if one is sent.
    """

    def __init__(
        self,
        context: RegisterContext,
        attempt: Attempt,
        factor: Factor,
        *,
        handle: bytes,
        counted: Factor | None = None,
        locale: str,
    ) -> None:
        self._context, self._attempt, self._factor, self._locale = context, attempt, factor, locale
        self._counted = counted or factor
        self._kind = KINDS[factor.method]
        self._trial = Trial(context=context, attempt=attempt.id, factor=factor, handle=handle)
        self._ticket = os.urandom(16)
        self._taken: list[tuple[bytes, Source, Taken]] = []
        self._rests = False  # no code is right now, and the browser is not told so
        self._after_proof = False
        self._is_used_up = False

    def reserve(self) -> Answer | None:
        """Count a wrong try before the code is looked at; an answer says why there is no try."""
        with self._context.state.writing() as tx:
            if not self._kind.begin_try(tx, self._trial):
                return Answer(outcome=Outcome.CODE_EXPIRED)
            wait = self._take(tx) if self._kind.guessable else 0
        return Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=wait)) if wait else None

    def compute_evidence(self, code: Secret) -> bytes:
        """Compute what `settle` compares; slow for some kinds, so call it outside any transaction."""
        return self._kind.compute_evidence(self._trial, code.reveal())

    def settle(self, tx: Connection, evidence: bytes) -> bool:
        """Tell whether the code is right; a right code is burnt, and the counted wrong try is taken back."""
        row = tx.execute(select(attempts).where(attempts.c.id == self._attempt.id)).one_or_none()
        right = self._kind.accept(tx, self._trial, b"" if self._rests else evidence)
        is_real = row is not None and not row.decoy and is_open(row, self._context)
        if right and is_real and self._factor.state != MADE_UP:
            give_back(tx, self._ticket)
            for whose, source, taken in self._taken:
                give_back_try(tx, whose, source, taken)
            tx.execute(self._row().values(failures=0, last_used=self._context.now()))
            return True
        self._is_used_up = self._kind.is_used_up(tx, self._trial)
        self._announce_rest(tx)
        self._switch_off(tx)
        return False

    def answer_wrong(self) -> Checked:
        """Return the answer to a wrong code, and what only the audit learns.

        The wrong try that uses up a mailed code gets the answer CODE_EXPIRED, as every later try does.
        """
        wrong = Answer(outcome=Outcome.CODE_EXPIRED if self._is_used_up else Outcome.WRONG_CODE)
        until = self._find_rest_end() if self._counted.state == "active" else 0.0
        return Checked(answer=wrong, looked_at=not self._rests, rests_until=until)

    def _take(self, tx: Connection) -> int:
        """Count one wrong try at a guessable factor; return the seconds to wait, or 0 if it was counted."""
        method = self._factor.method
        if self._factor.state == "pending":
            return self._count_hit(tx, f"wrong:{self._factor.id.hex()}")
        other = {"in_attempt": self._attempt.id, "but": method}
        if tx.execute(_OTHER_PROOF, other).first() is None:
            return self._take_before_proof(tx)
        self._after_proof = True
        wait = self._count_hit(tx, f"wrong:{self._attempt.owner.key}:{method}")
        if not wait:
            tx.execute(self._row().values(failures=factors.c.failures + 1))
        return wait

    def _count_hit(self, tx: Connection, subject: str) -> int:
        rates = self._context.ceiling.attempts.wrong_per_method
        return take(
            tx,
            [Count(subject=subject, rates=rates, locks=True)],
            now=self._context.now(),
            ticket=self._ticket,
        )

    def _take_before_proof(self, tx: Connection) -> int:
        """Count a try before anything else was proven in the attempt.

        A stranger's wait depends on the typed name alone, never on the factor. While the factor rests, every
        code of a stranger is simply wrong, as it is for a name that nobody has. A known browser without tries
        left continues as a stranger.
        """
        source = source_of(tx, self._context, self._attempt)
        own = 0 if source is Source.STRANGER else self._count(tx, self._counted.id, source)
        if source is not Source.STRANGER and not (source is Source.KNOWN and own):
            return own
        name = self._attempt.typed.encode()
        told = self._context.keys.digest("tries", self._attempt.directory.encode(), name, self._method())[:16]
        wait = self._count(tx, told, Source.TOLD)
        if not wait:
            is_none = self._counted.state == MADE_UP or self._attempt.decoy
            kept = Source.NOBODY if is_none else Source.STRANGER
            self._rests = self._count(tx, self._counted.id, kept) > 0
        return wait

    def _count(self, tx: Connection, whose: bytes, source: Source) -> int:
        taken = take_try(tx, self._context, whose, source)
        if not taken.wait:
            self._taken.append((whose, source, taken))
        return taken.wait

    def _method(self) -> bytes:
        return self._factor.method.encode()

    def _announce_rest(self, tx: Connection) -> None:
        """Notify the owner if this wrong try began a rest of the factor."""
        until = self._find_rest_end()
        if until and self._counted.state == "active":
            self._announce(tx, "notice-factor-rests", {"until": str(int(until))})

    def _find_rest_end(self) -> float:
        mine = (taken.rests_until for whose, _, taken in self._taken if whose == self._counted.id)
        return max(mine, default=0.0)

    def _switch_off(self, tx: Connection) -> None:
        worn_out = (
            factors.c.failures >= self._context.ceiling.attempts.wrong_in_a_row,
            factors.c.state == "active",
        )
        ended = {"state": "disabled", "ended": self._context.now()}
        if self._after_proof and tx.execute(self._row().where(*worn_out).values(**ended)).rowcount:
            self._announce(tx, "notice-factor-removed", {})

    def _announce(self, tx: Connection, kind: str, more: Mapping[str, str]) -> None:
        announce(tx, self._context, self._attempt, self._factor, kind=kind, locale=self._locale, more=more)

    def _row(self) -> Update:
        return update(factors).where(factors.c.id == self._factor.id)
