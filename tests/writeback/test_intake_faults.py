"""A fault of ours at any line of a job's way: an answer that is true, or a silence that is meant."""

import itertools
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self, TypeAlias

import pytest
from sqlalchemy import delete, insert

import writeback
from portal.selfservice.outcomes import ending
from tests.fakes.worker import FakeWorker, Registered
from writeback import intake
from writeback.audit import AuditFile
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Job, JobStatus, ListFactors, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.state.tables import hits, journal, marks, outbox

pytestmark = pytest.mark.slow

CANARY = "Canary-7"
OURS = str(Path(writeback.__file__).parent)
INTAKE = intake.__file__
Line: TypeAlias = tuple[str, int]
Make: TypeAlias = Callable[[], tuple[Job, tuple[str, ...]]]
Tracer: TypeAlias = Callable[[FrameType, str, Any], Any]


@dataclass
class Fault:
    """Notes each line of ours that runs for the first time, and raises at one of them.

    Args:
        strikes_at: the line; None raises nowhere.
    """

    strikes_at: Line | None = None
    seen: dict[Line, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._enter)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Tracer | None:
        return self._line if frame.f_code.co_filename.startswith(OURS) else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Tracer:
        if event == "line":
            line = (frame.f_code.co_filename, frame.f_lineno)
            is_first = line not in self.seen
            self.seen.setdefault(line, frame.f_code.co_name)
            if is_first and line == self.strikes_at:
                raise RuntimeError(CANARY)
        return self._line


@dataclass
class Bench:
    """A worker with a real audit, and one job after the other."""

    worker: FakeWorker
    alice: Registered
    audit: Path
    made: int = 0

    def forget(self) -> None:
        """Begin anew: nothing is counted, nothing is under way."""
        with self.worker.state.writing() as tx:
            for table in (hits, journal, outbox):
                tx.execute(delete(table))
        self.worker.corp.writes.clear()

    def reset(self) -> tuple[Job, tuple[str, ...]]:
        """Return a reset that alice has proven."""
        attempt = self.worker.begin("alice").attempt
        rows = [
            {"attempt": attempt, "method": method, "factor": bytes(16), "at": self.worker.clock.now()}
            for method in (MethodKind.TOTP, MethodKind.EMAIL)
        ]
        with self.worker.state.writing() as tx:
            tx.execute(insert(marks), rows)
        self.made += 1
        return ResetPassword(site="main", attempt=attempt), (f"Spring-sun-{self.made:05}",)

    def status(self) -> tuple[Job, tuple[str, ...]]:
        return JobStatus(site="main", jti=bytes(16), close=True), ()

    def question(self) -> tuple[Job, tuple[str, ...]]:
        attempt = self.worker.sign_in("alice").attempt
        return ListFactors(site="main", attempt=attempt), ()

    def password(self) -> str:
        return self.worker.corp.people[self.alice.account.guid].password


@pytest.fixture
def bench(alice: Registered, tmp_path: Path) -> Bench:
    worker = alice.worker
    worker.site.audit = AuditFile(tmp_path / "audit", now=worker.clock.now, patience=0.05)
    return Bench(worker=worker, alice=alice, audit=tmp_path / "audit")


def lines_of(bench: Bench, make: Make) -> tuple[list[Line], Line]:
    """Return all lines that such a job runs through, and the first one after its signature was found good."""
    bench.forget()
    job, passwords = make()
    sealed = bench.worker.seal(job, *passwords)
    with Fault() as nowhere:
        assert bench.worker.intake.take(sealed.blob) is not None
    lines = list(nowhere.seen)
    signed = next(
        after
        for before, after in itertools.pairwise(lines)
        if nowhere.seen[after] == "_do" and after[0] == INTAKE and nowhere.seen[before] == "authenticate"
    )
    # `take` itself is the one place that catches: what strikes in it is caught by nobody.
    return [line for line in lines if nowhere.seen[line] != "take" or line[0] != INTAKE], signed


def strike(bench: Bench, make: Make, line: Line) -> tuple[Answer | None, bool]:
    """Have a job done with a fault at that line; returns the answer, and whether a password was set."""
    bench.forget()
    job, passwords = make()
    sealed, before = bench.worker.seal(job, *passwords), bench.password()
    with Fault(line):
        posted = bench.worker.intake.take(sealed.blob)
    answer, changed = bench.worker.read(sealed, posted), bench.password() != before
    bench.worker.give(sealed)  # a copy of it
    assert len(bench.worker.corp.writes) <= 1
    if answer is not None and says_unchanged(answer):
        assert bench.password() == before
    return answer, changed


def says_unchanged(answer: Answer) -> bool:
    return ending(operation="reset", outcome=answer.outcome, facts={}, waited=0).state == "not-done"


JOBS: dict[str, Callable[[Bench], tuple[Job, tuple[str, ...]]]] = {
    "a reset": Bench.reset,
    "a question about a job": Bench.status,
    "a job that writes nothing": Bench.question,
}


@pytest.mark.parametrize("name", JOBS)
def test_a_fault_at_any_line_gets_a_true_answer_without_details(
    bench: Bench, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)

    def make() -> tuple[Job, tuple[str, ...]]:
        return JOBS[name](bench)

    lines, signed = lines_of(bench, make)
    silent, untrue = [], []
    for number, line in enumerate(lines):
        answer, changed = strike(bench, make, line)
        if answer is None and number >= lines.index(signed):
            silent.append(line)
        elif changed if name != "a reset" else answer is not None and not is_true(answer, changed=changed):
            untrue.append((line, answer))
    assert (silent, untrue) == ([], [])
    assert len(lines) > 100
    assert CANARY not in caplog.text + bench.audit.read_text()


def is_true(answer: Answer, *, changed: bool) -> bool:
    """Tell whether an answer claims nothing about the password, or what is so."""
    is_claim = answer.outcome is Outcome.DONE or says_unchanged(answer)
    return not is_claim or changed == (answer.outcome is Outcome.DONE)
