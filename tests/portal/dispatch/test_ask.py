"""What `ask` makes of workers, post boxes and answers that are not as they should be."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from portal.dispatch import flows, queries
from portal.dispatch.flows import ask, follow_up
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.workers import replace_workers
from tests.envelope.examples import ATTEMPT
from tests.envelope.keys import signing_key
from tests.portal.dispatch.played import PlayedWorker, Stage
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.jobs import Begin, ListFactors, Operation, ResetPassword, reference_of
from writeback.envelope.secret import Secret

LIST = ListFactors(site="main", attempt=ATTEMPT)
RESET = ResetPassword(site="main", attempt=ATTEMPT)


def outcome_of(reply: flows.Reply) -> Outcome | None:
    return reply.answer.outcome if reply.answer else None


def test_an_answer_is_returned(stage: Stage) -> None:
    assert outcome_of(ask(LIST)) is Outcome.DONE


def test_heartbeats_are_read_at_most_once_a_second(stage: Stage) -> None:
    for _ in range(10):
        ask(LIST)
    assert stage.box.reads <= 2


@pytest.mark.parametrize("age", [76, 200, -61, -4000])
def test_without_a_live_worker_nothing_is_sent(stage: Stage, age: float) -> None:
    stage.beat(age=age)
    reply = ask(LIST)
    assert (outcome_of(reply), reply.sent, stage.box.sent) == (Outcome.DIRECTORY_AWAY, False, [])
    assert not queries.is_reachable("main")


def test_a_worker_that_cannot_reach_the_directory_is_not_offered_to_people(stage: Stage) -> None:
    stage.box.beats["main", "w1"] = stage.worker.beat(state=DirectoryState.DOWN)
    assert not queries.is_reachable("main")
    assert outcome_of(ask(LIST)) is Outcome.DONE  # what became of a job can still be asked


def test_a_site_that_is_switched_off_is_not_asked(stage: Stage) -> None:
    Site.objects.update(enabled=False)
    replace_workers()
    assert not ask(LIST).sent


def test_without_a_post_box_the_answer_is_there_at_once(stage: Stage) -> None:
    stage.box.away = True
    started = time.monotonic()
    assert not ask(LIST).sent
    assert time.monotonic() - started < 1


def test_a_post_box_that_refuses_changes_nothing(stage: Stage) -> None:
    stage.box.loses = False
    reply = ask(RESET, passwords=[Secret("new")])
    assert (outcome_of(reply), reply.sent) == (Outcome.DIRECTORY_AWAY, False)
    assert JobRecord.objects.get().outcome == Outcome.DIRECTORY_AWAY


def test_a_job_that_may_have_been_lost_stays_open(stage: Stage) -> None:
    stage.box.loses = True
    reply = ask(RESET, passwords=[Secret("new")], wait=0.05)
    assert (reply.answer, reply.sent) == (None, True)
    assert JobRecord.objects.get().outcome == ""


def test_a_job_without_an_answer_in_time_can_be_asked_about(stage: Stage) -> None:
    stage.box.on_send = lambda worker, sealed: []
    reply = ask(LIST, wait=0.05)
    assert (reply.answer, reply.sent) == (None, True)
    assert reply.jti == stage.box.sent[0][1][26:42]


def test_forged_answers_are_dropped_until_the_right_one_arrives(stage: Stage) -> None:
    earlier = stage.worker.do
    old: list[bytes] = []

    def first(worker: str, sealed: bytes) -> list[bytes]:
        old.extend(earlier(worker, sealed))
        return list(old)

    stage.box.on_send = first
    ask(LIST)
    stage.worker.before = [b"", b"x", bytes(1024), b"\xff" * 4096, *old]
    stage.box.on_send = stage.worker.do
    assert outcome_of(ask(LIST)) is Outcome.DONE


def test_only_forged_answers_count_as_no_answer(stage: Stage) -> None:
    stage.worker.identity = signing_key("thief")
    assert ask(LIST, wait=0.05).answer is None


def test_answer_from_a_worker_that_got_a_copy_of_anothers_job_is_ignored(stage: Stage) -> None:
    other = PlayedWorker(portal=stage.worker.portal, now=time.time, name="w2")
    other.roll()
    stage.box.on_send = lambda worker, sealed: [*other.do("w2", sealed), *stage.worker.do(worker, sealed)]
    reply = ask(RESET, passwords=[Secret("new")])
    assert outcome_of(reply) is Outcome.DONE
    assert [record.outcome for record in JobRecord.objects.all()] == [Outcome.DONE.value]


def test_job_for_a_retired_prekey_is_sealed_again_once(stage: Stage) -> None:
    ask(LIST)
    stage.worker.roll()
    stage.beat(age=-1)
    assert outcome_of(ask(LIST)) is Outcome.DONE
    jtis = [sealed[26:42] for _, sealed in stage.box.sent]
    assert len(set(jtis)) == 3


def test_job_is_not_sealed_a_third_time(stage: Stage) -> None:
    stage.worker.says = [Outcome.REKEY]
    assert outcome_of(ask(LIST)) is Outcome.REKEY
    assert len(stage.box.sent) == 2


def test_missing_answer_is_no_reason_to_seal_again(stage: Stage) -> None:
    stage.box.on_send = lambda worker, sealed: []
    ask(RESET, passwords=[Secret("new")], wait=0.05)
    assert len(stage.box.sent) == 1


@pytest.mark.parametrize("text", ["x" * 129, "a\0b", "\ud800"])
def test_a_password_that_cannot_be_carried_is_refused_before_any_job(stage: Stage, text: str) -> None:
    reply = ask(RESET, passwords=[Secret(text)])
    assert (outcome_of(reply), stage.box.sent) == (Outcome.UNUSABLE_PASSWORD, [])
    assert not JobRecord.objects.exists()


@pytest.mark.parametrize("name", ["a" * 10_000, "\ud800"])
def test_a_job_that_cannot_be_written_is_refused_before_it_is_sent(stage: Stage, name: str) -> None:
    reply = ask(Begin(site="main", operation=Operation.RESET, name=name))
    assert (outcome_of(reply), stage.box.sent) == (Outcome.REFUSED, [])


def test_the_worker_with_the_least_to_do_is_asked(stage: Stage) -> None:
    Site.objects.update(workers=["w1", "w2"])
    stage.restart_portal()
    box = stage.box
    box.beats["main", "w1"] = stage.worker.beat(oldest_job=5)
    box.beats["main", "w2"] = replace(stage.worker, name="w2").beat(oldest_job=1)
    assert [worker.place.worker for worker in queries.workers_for("main")] == ["w2", "w1"]
    box.beats["main", "w2"] = replace(stage.worker, name="w2").beat(age=-2, state=DirectoryState.DEGRADED)
    assert [worker.place.worker for worker in queries.workers_for("main", fresh=True)] == ["w1", "w2"]


def test_a_write_is_remembered_without_a_name_or_a_secret(stage: Stage) -> None:
    reply = ask(RESET, passwords=[Secret("Canary-7")])
    record = JobRecord.objects.get()
    assert (record.jti, record.op, record.site) == (reply.jti.hex(), "ResetPassword", "main")
    assert (record.reference, record.outcome) == (reference_of(ATTEMPT), Outcome.DONE)
    assert queries.latest_job(ATTEMPT) == record
    assert "Canary" not in str(list(JobRecord.objects.values()))


def test_jobs_that_only_read_are_not_remembered(stage: Stage) -> None:
    ask(LIST)
    assert not JobRecord.objects.exists()


def test_a_write_whose_end_is_unknown_stays_open_until_the_worker_knows(stage: Stage) -> None:
    stage.worker.says = [Outcome.UNKNOWN, Outcome.IN_PROGRESS, Outcome.DONE]
    assert outcome_of(ask(RESET, passwords=[Secret("new")])) is Outcome.UNKNOWN
    record = JobRecord.objects.get()
    assert follow_up(record).answer is None
    assert outcome_of(follow_up(record)) is Outcome.DONE
    record.refresh_from_db()
    assert record.outcome == Outcome.DONE
    stage.worker.says = [Outcome.REFUSED]
    assert outcome_of(follow_up(record)) is Outcome.DONE


def test_a_write_that_was_neither_taken_nor_closed_is_asked_about_until_it_is_closed(stage: Stage) -> None:
    stage.worker.says = [Outcome.NOT_TAKEN, Outcome.NOT_TAKEN, Outcome.NEVER_SEEN, Outcome.CLOSED]
    assert outcome_of(ask(RESET, passwords=[Secret("new")])) is Outcome.NOT_TAKEN
    record = JobRecord.objects.get()
    for _ in range(2):
        assert follow_up(record).answer is None
    assert JobRecord.objects.get().outcome == ""
    assert outcome_of(follow_up(record)) is Outcome.CLOSED
    assert JobRecord.objects.get().outcome == Outcome.CLOSED


def test_an_unresolved_write_is_asked_about_until_the_worker_gives_up(stage: Stage) -> None:
    stage.worker.says = [Outcome.UNKNOWN] * 3
    ask(RESET, passwords=[Secret("new")])
    record = JobRecord.objects.get()
    for ended, kept in ((1, ""), (12, Outcome.UNKNOWN)):
        record.expires_at = timezone.now() - timedelta(minutes=ended)
        assert outcome_of(follow_up(record)) is Outcome.UNKNOWN
        assert JobRecord.objects.get().outcome == kept


NO_NEWS = ("IN_PROGRESS", "NEVER_SEEN", "NOT_TAKEN", "CLOCK", "EXPIRED", "REFUSED", "REKEY")


@pytest.mark.parametrize("said", [Outcome[name] for name in NO_NEWS])
def test_a_failed_status_question_does_not_settle_the_job(stage: Stage, said: Outcome) -> None:
    stage.box.on_send = lambda worker, sealed: []
    ask(RESET, passwords=[Secret("new")], wait=0.05)
    stage.worker.says, stage.box.on_send = [said], stage.worker.do
    record = JobRecord.objects.get()
    assert follow_up(record).answer is None
    record.refresh_from_db()
    assert record.outcome == ""


def test_a_job_is_closed_only_at_the_end_of_its_life(stage: Stage) -> None:
    stage.box.on_send = lambda worker, sealed: []
    ask(RESET, passwords=[Secret("new")], wait=0.05)
    record = JobRecord.objects.get()
    asked = []
    for ends_in in (60, -1):
        record.expires_at = timezone.now() + timedelta(seconds=ends_in)
        asked.append(flows.question_about(record))
    assert [job.close for job in asked] == [False, True]


def test_records_are_deleted_after_two_days(stage: Stage) -> None:
    ask(RESET, passwords=[Secret("new")])
    assert flows.forget_old_jobs() == 0
    JobRecord.objects.update(sent_at=timezone.now() - timedelta(days=3))
    assert flows.forget_old_jobs() == 1


def test_a_portal_without_a_key_reaches_nobody(stage: Stage, settings: Settings) -> None:
    settings.KEYBACK_KEYS = settings.KEYBACK_KEYS / "empty"
    stage.restart_portal()
    assert not queries.is_reachable("main")
    assert not ask(LIST).sent
