"""The journal: RECEIVED → INTENT → APPLIED | REFUSED | UNKNOWN, and CLOSED for a job that will never be done.

INTENT and everything that a write reserves is one transaction, which is on the disk before the directory is
asked. So a job is applied at most once, even if a process dies at any moment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from writeback.ceiling import DAY, Ceiling, enough
from writeback.envelope.answers import FACTS, Answer, Applied, Outcome, PolicyRefusal, Wait
from writeback.envelope.codec import decode, encode
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.jobs import Job, Operation, WriteJob
from writeback.envelope.keyring import VerifyKey
from writeback.envelope.methods import MethodKind
from writeback.journal.statements import (
    AT_INTENT,
    BEFORE_INTENT,
    CHANGE,
    COUNT_REFUSAL,
    END,
    END_WRITE,
    ENTER,
    JOB,
    KNOWN,
    RELEASE,
    RESERVE,
    RESERVE_AGAIN,
    SPEND,
    VOID,
)
from writeback.ports import Attempt, Clock, Entry, Intent, JobState, Note, Preimage, Settled, do_nothing
from writeback.state import (
    Count,
    State,
    StateKeys,
    end_attempts,
    give_back,
    owner_of,
    passwords_left,
    put,
    require_trusted,
    take,
    writes_of,
)

_FINAL: Mapping[Outcome, JobState] = {
    Outcome.DONE: JobState.APPLIED,
    Outcome.PARTIAL: JobState.APPLIED,
    Outcome.UNKNOWN: JobState.UNKNOWN,
    Outcome.CLOSED: JobState.CLOSED,
}
_SPENT = (JobState.APPLIED, JobState.UNKNOWN)
_KEPT = {8: FACTS[8], 9: FACTS[9], 1: FACTS[1]}  # PolicyRefusal, Applied, Wait: the facts without a secret
_OPEN = (JobState.RECEIVED, JobState.INTENT)
_UNSEEN_LIFE = 300
# No key that opens a job lives for longer than an hour and some minutes after the job was sealed.
_LONGEST_KEPT = DAY


class SqlJournal:
    """The journal in the state; ports.Journal says what each method does.

    Args:
        clock: the state's clock.
        measure: measures the state's clock again, as this host may have been suspended since the last time.
        portal: returns the portal's key that this host has pinned. Another host may just have switched off
            the site, so the key is compared with the state for each job.
    """

    def __init__(
        self,
        state: State,
        keys: StateKeys,
        clock: Clock,
        ceiling: Ceiling,
        measure: Callable[[], None] = do_nothing,
        *,
        portal: Callable[[], VerifyKey | None] = lambda: None,
    ) -> None:
        self._state, self._keys, self._clock, self._ceiling = state, keys, clock, ceiling
        self._measure, self._portal = measure, portal
        self._beyond: set[bytes] = set()  # jobs of this process that have come to INTENT

    def knows(self, jti: bytes) -> bool:
        with self._state.reading() as tx:
            found = tx.execute(KNOWN, {"job_id": jti}).scalar_one_or_none()
        return found is not None

    def refuse(self, jti: bytes, *, expires: int) -> bool:
        now = int(self._clock.now())
        until = min(max(expires, now + _UNSEEN_LIFE), now + _LONGEST_KEPT)
        return self._insert(jti, "", writes=True, state=JobState.CLOSED, expires=until)

    def receive(self, jti: bytes, job: Job, *, expires: int) -> bool:
        # A power cut may undo this; before a job changes anything, there is a transaction that lasts.
        name, writes = type(job).__name__, isinstance(job, WriteJob)
        return self._insert(jti, name, writes, JobState.RECEIVED, expires, lasting=False)

    def keep_answer(self, jti: bytes, answer: Answer, *, lasting: bool = False) -> None:
        if jti in self._beyond:
            self._beyond.discard(jti)
            return
        with self._state.writing(lasting=lasting) as tx:
            tx.execute(END, _make_end_row(jti, JobState.RECEIVED, answer))

    def intend(self, intent: Intent) -> Answer | None:
        now = self._clock.now()
        with self._state.writing() as tx:
            require_trusted(tx, self._portal())
            refusal = self._find_obstacle(tx, intent, now)
            if refusal is None:
                tx.execute(CHANGE, {"job_id": intent.jti} | _make_intent_row(intent, now))
                reserved = {"reserved_by": intent.jti, "touched": now}
                tx.execute(RESERVE, {"attempt_id": intent.attempt.id} | reserved)
        if refusal is None:
            self._beyond.add(intent.jti)
        return refusal

    def may_begin(self, jti: bytes, *, within: float) -> bool:
        self._measure()
        with self._state.reading() as tx:
            row = tx.execute(JOB, {"job_id": jti}).one()
        in_time: bool = self._clock.now() <= row.intended + within
        return in_time and row.state == JobState.INTENT

    def settle(
        self, jti: bytes, answer: Answer, *, notices: Sequence[Note] = (), saw: bool = False
    ) -> Settled:
        with self._state.writing() as tx:
            job = tx.execute(JOB, {"job_id": jti}).one()
            if job.state != JobState.INTENT:
                return self._settle_again(tx, job, answer, notices, saw=saw)
            return Settled(answer=self._end(tx, job, answer, notices), before=None)

    def _settle_again(
        self, tx: Connection, job: Row[Any], answer: Answer, notices: Sequence[Note], *, saw: bool
    ) -> Settled:
        """Settle a write that another process has judged already; `_choose_verdict` decides between them."""
        before = _read_answer(job) if job.outcome else Answer(outcome=Outcome.UNKNOWN)
        stands = _choose_verdict(before, answer, saw=saw)
        if stands == before:
            return Settled(answer=before, before=before)
        # The attempt may be free again, or reserved by another job by now; its proofs are spent all the same.
        tx.execute(RESERVE_AGAIN, {"attempt_id": job.attempt, "job_id": job.jti})
        return Settled(answer=self._end(tx, job, stands, notices), before=before)

    def _end(self, tx: Connection, job: Row[Any], answer: Answer, notices: Sequence[Note]) -> Answer:
        """Do everything that an outcome entails, and write it with how many other attempts ended.

        Returns:
            the answer as it stands in the journal now.
        """
        stands = self._apply_outcome(tx, job, answer, notices)
        tx.execute(END, _make_end_row(job.jti, JobState(job.state), stands))
        return stands

    def _apply_outcome(
        self, tx: Connection, job: Row[Any], answer: Answer, notices: Sequence[Note]
    ) -> Answer:
        if answer.outcome is Outcome.WRONG_PASSWORD:
            # Nothing was proven: leave no more traces than the try of a made-up person would.
            give_back(tx, job.jti)
            tx.execute(RELEASE, {"job_id": job.jti})
            return answer
        ended = self._free(tx, job, answer.outcome)
        put(tx, self._keys, [_add_ended(note, ended) for note in notices], now=self._clock.now())
        if isinstance(answer.facts, Applied):
            return replace(answer, facts=replace(answer.facts, ended=ended))
        if isinstance(answer.facts, PolicyRefusal):
            return replace(answer, facts=self._add_tries_left(tx, job, answer.facts))
        return answer

    def _add_tries_left(self, tx: Connection, job: Row[Any], facts: PolicyRefusal) -> PolicyRefusal:
        most = self._ceiling.attempts.refused_passwords
        mine, now = self._writes_of(job), self._clock.now()
        left, again = passwords_left(tx, mine, job.attempt, most=most, now=now)
        return replace(facts, left=left, again=again)

    def _writes_of(self, row: Row[Any]) -> Count:
        rates = self._ceiling.limits.per_user
        return writes_of(rates, operation=row.operation, owner=owner_of(row))

    def look_up(self, jti: bytes) -> Entry | None:
        with self._state.reading() as tx:
            row = tx.execute(JOB, {"job_id": jti}).one_or_none()
        return self._read_entry(row) if row else None

    def close(self, jti: bytes) -> bool:
        expires = int(self._clock.now()) + _UNSEEN_LIFE
        if self._insert(jti, "", writes=True, state=JobState.CLOSED, expires=expires):
            return True
        closed = Answer(outcome=Outcome.CLOSED)
        with self._state.writing() as tx:
            ended = tx.execute(END_WRITE, _make_end_row(jti, JobState.RECEIVED, closed))
            found = tx.execute(JOB, {"job_id": jti}).one()
        return bool(ended.rowcount) or found.state == JobState.CLOSED

    def intents(self) -> Sequence[Entry]:
        with self._state.reading() as tx:
            rows = tx.execute(AT_INTENT).all()
        return [self._read_entry(row) for row in rows]

    def _insert(
        self, jti: bytes, job: str, writes: bool, state: JobState, expires: int, *, lasting: bool = True
    ) -> bool:
        row = {
            "jti": jti,
            "job": job,
            "writes": writes,
            "state": state,
            "owner": self._state.processes.me,
            "received": self._clock.now(),
            "expires": expires,
            "outcome": Outcome.CLOSED if state is JobState.CLOSED else None,
        }
        try:
            with self._state.writing(lasting=lasting) as tx:
                if state is JobState.RECEIVED:
                    require_trusted(tx, self._portal())
                tx.execute(ENTER, row)
        except IntegrityError:
            return False
        return True

    def _find_obstacle(self, tx: Connection, intent: Intent, now: float) -> Answer | None:
        """Return why an INTENT is refused, or None if nothing is in its way and the limits were counted."""
        which = {"job_id": intent.jti, "attempt_id": intent.attempt.id, "now": now}
        found = tx.execute(BEFORE_INTENT, which).all()
        if not found or found[0].job_state != JobState.RECEIVED or found[0].owner != self._state.processes.me:
            return Answer(outcome=Outcome.CLOSED)
        attempt = found[0]
        if now >= attempt.job_expires:
            return Answer(outcome=Outcome.EXPIRED)
        if attempt.id is None or attempt.decoy or not _is_free(attempt, now):
            return Answer(outcome=Outcome.ATTEMPT_GONE)
        proven = [MethodKind(row.method) for row in found if row.method]
        if not enough(proven, self._ceiling.gates.get(Operation(attempt.operation))):
            return Answer(outcome=Outcome.NOT_PROVEN)
        # Of two writes of one person at once, the later one is refused.
        if attempt.under_way and attempt.operation != Operation.CHANGE:
            return Answer(outcome=Outcome.ATTEMPT_GONE)
        counts = [
            self._writes_of(attempt),
            Count(subject="intent", rates=self._ceiling.limits.site),
        ]
        wait = take(tx, counts, now=now, ticket=intent.jti)
        return Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=wait)) if wait else None

    def _free(self, tx: Connection, job: Row[Any], outcome: Outcome) -> int:
        """Release the attempt that a job reserved, or spend it and end the person's other attempts.

        Only passwords that the policy refused count against an attempt, not a directory that was away.

        Returns:
            how many other attempts and sign-ins were ended.
        """
        which = {"job_id": job.jti}
        if _FINAL.get(outcome) in _SPENT:
            tx.execute(SPEND, which)
            now, idle = self._clock.now(), self._ceiling.attempts.idle
            return end_attempts(tx, owner_of(job), now=now, idle=idle, spare=job.attempt)
        if outcome is Outcome.REFUSED_BY_POLICY:
            tx.execute(COUNT_REFUSAL, which)
            tx.execute(VOID, which | {"many": self._ceiling.attempts.refused_passwords})
        tx.execute(RELEASE, which)
        return 0

    def _read_entry(self, row: Row[Any]) -> Entry:
        return Entry(
            jti=row.jti,
            job=row.job,
            writes=row.writes,
            state=JobState(row.state),
            expires=int(row.expires),
            alive=row.state in _OPEN and self._state.is_alive(row.owner),
            intent=_read_intent(row) if row.intended else None,
            intended=row.intended,
            deadline=row.deadline,
            answer=_read_answer(row) if row.outcome else None,
            now=self._clock.now(),
        )


def _choose_verdict(before: Answer, after: Answer, *, saw: bool) -> Answer:
    """Return the answer that stands if a write was judged twice.

    "Applied" replaces every other answer. If the worker that did the write denies it, the answer is UNKNOWN.

    Args:
        before: the answer in the journal.
        after: the new answer.
        saw: True if the new answer comes from the worker that did the write.
    """
    was_applied, is_applied = (_FINAL.get(each.outcome) is JobState.APPLIED for each in (before, after))
    if is_applied and not was_applied:
        return after
    if was_applied and saw and not is_applied:
        return Answer(outcome=Outcome.UNKNOWN)  # the directory shows a change, but not by this write
    return before


def _is_free(attempt: Row[Any], now: float) -> bool:
    in_time: bool = attempt.expires > now
    return attempt.state == "open" and attempt.reserved_by is None and in_time


def _make_intent_row(intent: Intent, now: float) -> dict[str, Any]:
    return {
        "state": JobState.INTENT,
        "attempt": intent.attempt.id,
        "directory": intent.attempt.directory,
        "guid": intent.attempt.guid,
        "operation": intent.attempt.operation,
        "locale": intent.locale[:35],
        "dc": intent.preimage.dc,
        "pwd_last_set": intent.preimage.pwd_last_set,
        "locked": intent.preimage.locked,
        "intended": now,
        "deadline": now + intent.deadline,
    }


def _make_end_row(jti: bytes, stands_at: JobState, answer: Answer) -> dict[str, Any]:
    """Return the parameters of `END` for a job that stands at the given state."""
    kind = next((number for number, kept in _KEPT.items() if isinstance(answer.facts, kept)), None)
    final = (
        JobState.CLOSED if answer.outcome is Outcome.CLOSED else _FINAL.get(answer.outcome, JobState.REFUSED)
    )
    return {
        "job_id": jti,
        "stands_at": stands_at,
        "state": final,
        "outcome": answer.outcome,
        "facts_kind": kind,
        "facts": encode(answer.facts) if kind else None,
    }


def _read_intent(row: Row[Any]) -> Intent:
    return Intent(
        jti=row.jti,
        job=row.job,
        locale=row.locale,
        attempt=Attempt(
            id=row.attempt,
            directory=row.directory,
            guid=row.guid,
            operation=Operation(row.operation),
            decoy=False,
        ),
        preimage=Preimage(dc=row.dc, pwd_last_set=row.pwd_last_set, locked=row.locked),
        deadline=int(row.deadline - row.intended),
    )


def _add_ended(note: Note, ended: int) -> Note:
    """Add to a notice how many attempts and sign-ins were ended, if any were."""
    return replace(note, parameters={**note.parameters, "ended": str(ended)}) if ended else note


def _read_answer(row: Row[Any]) -> Answer:
    try:
        facts = decode(_KEPT[row.facts_kind], row.facts) if row.facts_kind else None
    except EnvelopeError:
        facts = None  # kept by an older version, whose facts had fewer fields
    return Answer(outcome=Outcome(row.outcome), facts=facts)
