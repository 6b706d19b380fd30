"""The journal's statements, built once, since building one takes longer than running it."""

from sqlalchemy import bindparam, exists, insert, select, update

from writeback.envelope.jobs import Operation
from writeback.ports import JobState
from writeback.state.tables import attempts, journal, marks

ENTER = insert(journal)
KNOWN = select(journal.c.jti).where(journal.c.jti == bindparam("job_id"))
JOB = select(journal).where(journal.c.jti == bindparam("job_id"))
AT_INTENT = select(journal).where(journal.c.state == JobState.INTENT).order_by(journal.c.intended)
CHANGE = update(journal).where(journal.c.jti == bindparam("job_id"))
END = CHANGE.where(journal.c.state == bindparam("stands_at"))
END_WRITE = END.where(journal.c.writes)
_another = journal.alias("another")
# After its deadline a write can't be under way any more. A change neither blocks nor is blocked: AD accepts
# it only with the current password, and somebody without that must not see that a write is under way.
_UNDER_WAY = exists().where(
    _another.c.state == JobState.INTENT,
    _another.c.directory == attempts.c.directory,
    _another.c.guid == attempts.c.guid,
    _another.c.operation != Operation.CHANGE,
    _another.c.deadline > bindparam("now"),
)
# One row for each proven method; a single row if none is proven. Without the attempt its columns are empty.
BEFORE_INTENT = (
    select(
        journal.c.state.label("job_state"),
        journal.c.owner,
        journal.c.expires.label("job_expires"),
        attempts,
        marks.c.method,
        _UNDER_WAY.label("under_way"),
    )
    .select_from(
        journal.outerjoin(attempts, attempts.c.id == bindparam("attempt_id")).outerjoin(
            marks, marks.c.attempt == attempts.c.id
        )
    )
    .where(journal.c.jti == bindparam("job_id"))
)
RESERVE = update(attempts).where(attempts.c.id == bindparam("attempt_id"))
_RESERVED = update(attempts).where(attempts.c.reserved_by == bindparam("job_id"))
RESERVE_AGAIN = RESERVE.values(reserved_by=bindparam("job_id"))
SPEND = _RESERVED.values(state="spent", reserved_by=None)
COUNT_REFUSAL = _RESERVED.values(refusals=attempts.c.refusals + 1)
VOID = _RESERVED.where(attempts.c.refusals >= bindparam("many")).values(state="void")
RELEASE = _RESERVED.values(reserved_by=None)
