"""Intake: in the documented order, truthful after the signature, silent before it, and it never raises."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.envelope.examples import ATTEMPT
from tests.envelope.keys import NOW, PORTAL, keyring, prekey, signing_key
from tests.fakes.clock import FakeClock
from tests.fakes.memory import MemoryJournal
from tests.fakes.worker import PLENTY, FakeWorker
from writeback.admission import Admission
from writeback.ceiling import Notify, Rate
from writeback.envelope import codec
from writeback.envelope.answers import Answer, HealthReport, Outcome, Wait
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import Health, Job, JobStatus, ListFactors, Operation, ResetPassword
from writeback.envelope.keyring import SigningKey
from writeback.envelope.sealing import OpenedJob, SealedJob, seal_job
from writeback.envelope.secret import Secret
from writeback.ports import Attempt as AttemptRow
from writeback.ports import DirectoryAway, Intent, JobState, Preimage, Request, Site, StateAway

LIST = ListFactors(site="main", attempt=ATTEMPT)
RESET = ResetPassword(site="main", attempt=ATTEMPT)


@dataclass
class Bench:
    """A worker's intake with a journal in memory, and a handler that does what the test says."""

    worker: FakeWorker
    act: Callable[[Request[Job], Site], Answer] = lambda request, site: Answer(outcome=Outcome.DONE)
    handled: list[Request[Job]] = field(default_factory=list)
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def __post_init__(self) -> None:
        self.worker.site.journal = self.journal
        self.take(PLENTY)

    def take(self, rates: Sequence[Rate]) -> None:
        """Take so many jobs from now on."""
        jobs = (ListFactors, ResetPassword, JobStatus, Health)
        self.worker.renew_intake(rates=rates, handlers=dict.fromkeys(jobs, self.handle))

    def handle(self, request: Request[Job], site: Site) -> Answer:
        self.handled.append(request)
        return self.act(request, site)

    def give(self, sealed: SealedJob) -> Answer | None:
        """Have a job done and read the answer."""
        posted = self.worker.intake.take(sealed.blob)
        assert posted is None or posted.jti == sealed.jti
        return self.worker.read(sealed, posted)

    def ask(self, job: Job = LIST, password: str = "new") -> Answer | None:
        return self.give(seal(job, password))

    def told(self) -> list[str | int | bool]:
        """Return what the audit says of refusals."""
        return [facts["outcome"] for facts in self.worker.audit.of("job.refused")]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    worker = FakeWorker(tmp_path)
    yield Bench(worker)
    worker.state.close()


def seal(
    job: Job = LIST, password: str = "new", *, signer: SigningKey = PORTAL, now: float = NOW
) -> SealedJob:
    passwords = [Secret(password)] * type(job).passwords
    return seal_job(job, passwords=passwords, to=keyring().recipient(), signer=signer, now=now)


def test_a_job_reaches_its_handler_and_the_answer_comes_back(bench: Bench) -> None:
    sealed = seal(RESET)
    assert bench.give(sealed) == Answer(outcome=Outcome.DONE)
    request = bench.handled[0]
    assert (request.job, request.jti, request.expires) == (RESET, sealed.jti, NOW + 120)
    assert request.passwords() == (Secret("new"),)


def test_a_handler_may_have_the_key_of_the_passwords_unwrapped_ahead(bench: Bench) -> None:
    bench.give(seal(RESET))
    request = bench.handled[0]
    opened = getattr(request.passwords, "__self__", None)
    assert isinstance(opened, OpenedJob)
    assert request.unwrap == opened.unwrap


@pytest.mark.parametrize("blob", [b"", b"x", bytes(1024), bytes(4096), b"\xff" * 4096])
def test_junk_is_not_answered(bench: Bench, blob: bytes) -> None:
    assert bench.worker.intake.take(blob) is None


def test_a_stranger_is_not_answered(bench: Bench) -> None:
    assert bench.give(seal(signer=signing_key("stranger"))) is None
    assert (bench.handled, bench.journal.entries) == ([], {})


def test_a_switched_off_site_answers_nobody(bench: Bench) -> None:
    bench.worker.keyring = keyring(portal=None)
    assert bench.ask() is None


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [(NOW + 61, Outcome.CLOCK), (NOW - 120, Outcome.EXPIRED), (NOW - 9999, Outcome.EXPIRED)],
)
def test_a_job_out_of_time_is_told_so_and_closed_in_the_journal(
    bench: Bench, sent: float, outcome: Outcome
) -> None:
    sealed = seal(now=sent)
    assert bench.give(sealed) == Answer(outcome=outcome)
    assert (bench.handled, bench.told()) == ([], [outcome])
    assert bench.journal.entries[sealed.jti].state is JobState.CLOSED


def test_a_job_for_a_key_that_is_gone_is_told_so(bench: Bench) -> None:
    bench.worker.keyring = keyring(prekeys=(prekey("next prekey"),))
    assert bench.ask() == Answer(outcome=Outcome.REKEY)
    assert [entry.state for entry in bench.journal.entries.values()] == [JobState.CLOSED]


def test_second_delivery_of_a_job_stops_at_the_intake(bench: Bench) -> None:
    sealed = seal(RESET)
    assert bench.give(sealed) == Answer(outcome=Outcome.DONE)
    assert bench.give(sealed) is None
    assert len(bench.handled) == 1


@pytest.mark.parametrize("age", [0, 200])
def test_copies_of_a_job_do_not_fill_the_audit(bench: Bench, age: int) -> None:
    sealed = seal(now=NOW - age)
    for _ in range(300):
        bench.give(sealed)
    assert len(bench.told()) == 60
    assert bench.ask() == Answer(outcome=Outcome.DONE)


def test_an_operation_outside_the_ceiling_is_refused(bench: Bench) -> None:
    bench.worker.site.allowed = ("Health",)
    assert bench.ask() == Answer(outcome=Outcome.NOT_ALLOWED)
    assert bench.handled == []


def test_a_job_for_another_site_is_refused(bench: Bench) -> None:
    assert bench.ask(replace(LIST, site="elsewhere")) == Answer(outcome=Outcome.REFUSED)
    assert bench.handled == []


def test_too_many_jobs_are_told_to_wait(bench: Bench) -> None:
    bench.take((Rate(count=2, seconds=60),))
    assert [bench.ask(), bench.ask()] == [Answer(outcome=Outcome.DONE)] * 2
    assert bench.ask() == Answer(outcome=Outcome.LIMIT_REACHED, facts=Wait(seconds=60))
    bench.worker.clock.move(60)
    assert bench.give(seal(now=NOW + 60)) == Answer(outcome=Outcome.DONE)


def test_status_questions_do_not_use_up_the_rate_of_others(bench: Bench) -> None:
    bench.take((Rate(count=2, seconds=60),))
    question = JobStatus(site="main", jti=bytes(16))
    assert [bench.ask(question) for _ in range(3)] == [
        *[Answer(outcome=Outcome.DONE)] * 2,
        Answer(outcome=Outcome.IN_PROGRESS, facts=Wait(seconds=60)),
    ]
    assert [bench.ask(), bench.ask()] == [Answer(outcome=Outcome.DONE)] * 2


def raising(error: Exception) -> Callable[[Request[Job], Site], Answer]:
    def act(request: Request[Job], site: Site) -> Answer:
        raise error

    return act


FAULTS: dict[str, tuple[Exception, Outcome]] = {
    "the directory is away": (DirectoryAway("no DC"), Outcome.DIRECTORY_AWAY),
    "the state is away": (StateAway("disk full"), Outcome.STATE_AWAY),
    "the passwords don't open": (EnvelopeError(Fault.PASSWORD_BOX), Outcome.REFUSED),
    "a password can't be one": (EnvelopeError(Fault.PASSWORD), Outcome.UNUSABLE_PASSWORD),
    "a bug": (KeyError("Canary-7"), Outcome.REFUSED),
    "another bug": (RecursionError(), Outcome.REFUSED),
}


@pytest.mark.parametrize(("error", "outcome"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_before_the_intent_changed_nothing_and_says_so(
    bench: Bench, error: Exception, outcome: Outcome
) -> None:
    bench.act = raising(error)
    assert bench.ask(RESET) == Answer(outcome=outcome)
    assert "Canary" not in str(bench.worker.audit.events)


@pytest.mark.parametrize("error", [error for error, _ in FAULTS.values()], ids=FAULTS.keys())
def test_a_fault_after_the_intent_may_have_changed_something_and_says_so(
    bench: Bench, error: Exception
) -> None:
    def act(request: Request[Job], site: Site) -> Answer:
        row = AttemptRow(id=ATTEMPT, directory="corp", operation=Operation.RESET, guid=bytes(16), decoy=False)
        before = Preimage(dc="dc1", pwd_last_set=1, locked=False)
        site.journal.intend(
            Intent(jti=request.jti, job="ResetPassword", locale="en", attempt=row, preimage=before)
        )
        raise error

    bench.act = act
    assert bench.ask(RESET) == Answer(outcome=Outcome.UNKNOWN)
    assert [entry.state for entry in bench.journal.entries.values()] == [JobState.INTENT]


@pytest.mark.parametrize(("job", "outcome"), [(RESET, Outcome.UNKNOWN), (LIST, Outcome.REFUSED)])
def test_when_the_journal_cannot_tell_a_write_is_unknown_and_a_question_is_not(
    bench: Bench, job: Job, outcome: Outcome
) -> None:
    def act(request: Request[Job], site: Site) -> Answer:
        bench.journal.away = True
        raise KeyError

    bench.act = act
    assert bench.ask(job) == Answer(outcome=outcome)


def test_without_a_journal_nothing_is_done(bench: Bench) -> None:
    bench.journal.away = True
    assert bench.ask(RESET) == Answer(outcome=Outcome.NOT_TAKEN)
    assert bench.handled == []


def test_an_answer_that_could_not_be_stored_is_still_sent(bench: Bench) -> None:
    def act(request: Request[Job], site: Site) -> Answer:
        bench.journal.away = True
        return Answer(outcome=Outcome.DONE)

    bench.act = act
    assert bench.ask() == Answer(outcome=Outcome.DONE)


@pytest.mark.parametrize("error", [error for error, _ in FAULTS.values()], ids=FAULTS.keys())
def test_a_failed_status_question_is_not_reported_as_the_jobs_outcome(bench: Bench, error: Exception) -> None:
    bench.act = raising(error)
    assert bench.ask(JobStatus(site="main", jti=bytes(16))) == Answer(outcome=Outcome.IN_PROGRESS)


def test_an_answer_that_is_too_large_loses_its_facts_and_not_its_outcome(bench: Bench) -> None:
    facts = HealthReport(
        worker="w1",
        version="0",
        directories=(),
        couriers=("x" * 20_000,),
        outbox=0,
        gates=(),
        allowed=(),
        ceiling_hash=bytes(32),
        notices=Notify(contact="").notice_rules(),
    )
    bench.act = lambda request, site: Answer(outcome=Outcome.DONE, facts=facts)
    assert bench.ask(Health(site="main")) == Answer(outcome=Outcome.DONE)


def test_the_oldest_job_at_work_is_known_by_its_age(bench: Bench) -> None:
    ages: list[int] = []

    def act(request: Request[Job], site: Site) -> Answer:
        ages.append(bench.worker.intake.admission.oldest())
        return Answer(outcome=Outcome.DONE)

    bench.act = act
    bench.give(seal(now=NOW - 20))
    assert (ages, bench.worker.intake.admission.oldest()) == ([20], 0)


def test_a_clock_set_back_closes_the_door_no_longer_than_the_rate_says() -> None:
    clock = FakeClock(NOW)
    admission = Admission((Rate(count=1, seconds=60),), clock.now)
    assert admission.wait() == 0
    clock.move(-10_000)
    assert admission.wait() == 60


def test_nothing_of_a_job_shows_in_the_audit_but_its_kind(bench: Bench) -> None:
    bench.act = raising(KeyError("x"))
    bench.ask(RESET, "Canary-7")
    assert "Canary" not in str(bench.worker.audit.events)
    assert codec.encode(RESET).hex() not in str(bench.worker.audit.events)
