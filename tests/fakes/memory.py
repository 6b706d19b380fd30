"""The worker's memory, kept in memory: as much of the ports as tests of the border need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Job
from writeback.ports import (
    Entry,
    Intent,
    JobState,
    Note,
    Settled,
    StateAway,
)


@dataclass
class MemoryJournal:
    """Fulfils ports.Journal.

    Args:
        away: every method raises StateAway.
    """

    away: bool = False
    entries: dict[bytes, Entry] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def receive(self, jti: bytes, job: Job, *, expires: int) -> bool:
        self._reach()
        with self._lock:
            if jti in self.entries:
                return False
            self.entries[jti] = _entry(jti, type(job).__name__, JobState.RECEIVED, expires, None)
            return True

    def knows(self, jti: bytes) -> bool:
        self._reach()
        return jti in self.entries

    def refuse(self, jti: bytes, *, expires: int) -> bool:
        self._reach()
        with self._lock:
            if jti in self.entries:
                return False
            self.entries[jti] = _entry(jti, "", JobState.CLOSED, expires, Answer(outcome=Outcome.CLOSED))
            return True

    def keep_answer(self, jti: bytes, answer: Answer, *, lasting: bool = False) -> None:
        self._reach()
        if self.entries[jti].state is JobState.RECEIVED:
            self.entries[jti] = replace(self.entries[jti], state=JobState.REFUSED, answer=answer)

    def intend(self, intent: Intent) -> Answer | None:
        self._reach()
        self.entries[intent.jti] = replace(self.entries[intent.jti], state=JobState.INTENT, intent=intent)
        return None

    def may_begin(self, jti: bytes, *, within: float) -> bool:
        self._reach()
        return self.entries[jti].state is JobState.INTENT

    def settle(
        self, jti: bytes, answer: Answer, *, notices: Sequence[Note] = (), saw: bool = False
    ) -> Settled:
        self._reach()
        self.entries[jti] = replace(self.entries[jti], state=JobState.APPLIED, answer=answer)
        return Settled(answer=answer, before=None)

    def look_up(self, jti: bytes) -> Entry | None:
        self._reach()
        return self.entries.get(jti)

    def close(self, jti: bytes) -> bool:
        self._reach()
        return jti not in self.entries

    def intents(self) -> Sequence[Entry]:
        return ()

    def _reach(self) -> None:
        if self.away:
            raise StateAway("The memory is away.")


def _entry(jti: bytes, job: str, state: JobState, expires: int, answer: Answer | None) -> Entry:
    return Entry(
        jti=jti,
        job=job,
        writes=True,
        state=state,
        expires=expires,
        alive=True,
        intent=None,
        intended=0,
        deadline=0,
        answer=answer,
        now=0,
    )


@dataclass
class ListAudit:
    """Fulfils ports.Audit; `events` is what was recorded, and `full` makes its disk a full one."""

    events: list[tuple[str, str, Mapping[str, str | int | bool]]] = field(default_factory=list)
    full: bool = False

    def record(self, event: str, *, reference: str, **facts: str | int | bool) -> None:
        self.events.append((event, reference, facts))

    def is_up(self) -> bool:
        return not self.full

    def of(self, event: str) -> list[Mapping[str, str | int | bool]]:
        """Return the facts of every event of one name."""
        return [facts for name, _, facts in self.events if name == event]
