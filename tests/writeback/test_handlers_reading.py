"""Begin, ReadPolicy and Health: what is told to whom."""

import pytest

from tests.fakes.directory import BASE, FakeDirectory
from tests.fakes.worker import FakeWorker, Registered, facts
from writeback.envelope.answers import (
    Answer,
    AttemptOpened,
    DirectoryState,
    HealthReport,
    Outcome,
    PolicyFacts,
)
from writeback.envelope.jobs import JOBS, Begin, Health, JobStatus, Operation, ReadPolicy
from writeback.envelope.methods import MethodKind
from writeback.handlers import HANDLERS

STAFF = f"CN=staff,{BASE}"


def policy(worker: FakeWorker, attempt: bytes | None) -> Answer:
    return worker.ask(ReadPolicy(site="main", attempt=attempt))


def test_every_job_has_a_handler_and_no_handler_is_without_a_job() -> None:
    assert set(HANDLERS) == set(JOBS.values())


def test_a_handler_refuses_the_job_of_another(worker: FakeWorker) -> None:
    request = worker.request(Health(site="main"), jti=b"j" * 16)
    with pytest.raises(TypeError, match="JobStatus"):
        HANDLERS[JobStatus](request, worker.site)


def test_a_registration_is_not_opened_without_a_password(worker: FakeWorker) -> None:
    answer = worker.ask(Begin(site="main", operation=Operation.REGISTER, name="alice"))
    assert answer == Answer(outcome=Outcome.REFUSED)


def test_a_change_asks_for_no_gates_and_looks_the_same_for_strangers(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    for name in ("bob", "nobody"):
        opened = worker.begin(name, Operation.CHANGE)
        assert (opened.offers, opened.methods_needed, opened.families_needed, opened.expires) == (
            (),
            0,
            0,
            900,
        )


@pytest.mark.parametrize(
    ("groups", "served"), [((), True), ((STAFF,), True), (("CN=other",), False), (("CN=gone", STAFF), True)]
)
def test_the_portal_can_narrow_who_is_served_and_the_worker_decides(
    alice: Registered, worker: FakeWorker, groups: tuple[str, ...], served: bool
) -> None:
    worker.corp.groups = {STAFF: next(iter(alice.account.sids)), "CN=other": "S-1-5-21-1-2-3-9999"}
    job = Begin(site="main", operation=Operation.RESET, name="alice", only_groups=groups)
    opened = facts(worker.ask(job), AttemptOpened)
    worker.start(opened.attempt, next(one.factor for one in opened.offers if one.method is MethodKind.EMAIL))
    assert bool(worker.mails()) is served


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_a_group_that_does_not_exist_is_named_in_the_audit_beside_the_attempt(
    alice: Registered, worker: FakeWorker, name: str
) -> None:
    worker.corp.groups = {STAFF: next(iter(alice.account.sids))}
    for groups, told in (((STAFF,), None), ((STAFF, "CN=gone"), "CN=gone")):
        worker.ask(Begin(site="main", operation=Operation.RESET, name=name, only_groups=groups))
        event, _, said = worker.audit.events[-1]
        assert (event, said.get("missing_group")) == ("attempt.opened", told)


def test_a_policys_group_that_shows_in_nobodys_token_has_no_members(
    alice: Registered, worker: FakeWorker
) -> None:
    worker.corp.groups = {STAFF: next(iter(alice.account.sids))}
    worker.corp.for_mail = {STAFF}
    worker.ask(Begin(site="main", operation=Operation.RESET, name="alice", only_groups=(STAFF,)))
    _, _, said = worker.audit.events[-1]
    assert (said["verdict"], said["missing_group"]) == ("out-of-scope", STAFF)


def test_a_policys_group_of_another_directory_of_the_site_counts(
    alice: Registered, worker: FakeWorker
) -> None:
    root = FakeDirectory(worker.clock, id="root", groups={STAFF: next(iter(alice.account.sids))})
    worker.serve(worker.corp, root)
    worker.ask(Begin(site="main", operation=Operation.RESET, name="alice", only_groups=(STAFF,)))
    assert worker.audit.events[-1][2]["verdict"] == ""
    root.away = True
    worker.ask(Begin(site="main", operation=Operation.RESET, name="alice", only_groups=(STAFF,)))
    assert worker.audit.of("attempt.opened")[-1]["missing_group"] == STAFF


def test_the_rules_of_a_person_are_reported_after_proof(alice: Registered, worker: FakeWorker) -> None:
    opened = worker.begin("alice")
    assert policy(worker, opened.attempt) == Answer(outcome=Outcome.NOT_PROVEN)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    assert facts(policy(worker, opened.attempt), PolicyFacts).names == ("alice",)


def test_before_proof_the_rules_of_the_domain_are_told_to_everybody(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    domain = facts(policy(worker, None), PolicyFacts)
    for name in ("bob", "nobody"):
        opened = worker.begin(name, Operation.CHANGE)
        assert facts(policy(worker, opened.attempt), PolicyFacts) == domain


def test_a_signed_in_person_may_know_the_rules(worker: FakeWorker) -> None:
    worker.corp.add("bob")
    assert facts(policy(worker, worker.sign_in("bob").attempt), PolicyFacts).names == ("bob",)


def test_an_attempt_that_is_gone_has_no_rules(worker: FakeWorker) -> None:
    assert policy(worker, b"x" * 16) == Answer(outcome=Outcome.ATTEMPT_GONE)


def test_health_tells_everything_that_a_job_needs(worker: FakeWorker) -> None:
    report = facts(worker.ask(Health(site="main")), HealthReport)
    assert [one.directory for one in report.directories] == ["corp"]
    assert (report.worker, report.couriers, report.outbox) == ("w1", (), 0)
    assert report.ceiling_hash == worker.ceiling.digest()
    assert "ResetPassword" in report.allowed


@pytest.mark.parametrize(
    ("off", "state", "said"),
    [
        (1.0, DirectoryState.UP, ""),
        (5.0, DirectoryState.DEGRADED, "This host's clock is 5 seconds ahead of the database's."),
        (-90.0, DirectoryState.DOWN, "This host's clock is 90 seconds behind the database's."),
    ],
)
def test_health_tells_a_clock_that_is_off_the_database_s(
    worker: FakeWorker, off: float, state: DirectoryState, said: str
) -> None:
    worker.site.clock_is_off = lambda: off
    (found,) = facts(worker.ask(Health(site="main")), HealthReport).directories
    assert (found.state, found.detail) == (state, said)
