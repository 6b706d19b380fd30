"""A heartbeat speaks only for what pairing pinned to its site; anything else is ignored and told."""

import logging
from dataclasses import replace
from html import unescape

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from django.core.checks import Tags, run_checks
from django.test import Client

from portal.audit.models import Event
from portal.dispatch import flows, queries
from portal.dispatch.alarms import record_findings
from portal.dispatch.flows import ask, follow_up
from portal.dispatch.liveness import WorkerState
from portal.dispatch.models import JobRecord, Site
from portal.dispatch.workers import known_workers
from portal.gates.queries import sites
from tests.envelope.examples import ATTEMPT, enrolment
from tests.envelope.keys import SITE, rsa_key
from tests.portal.dispatch.played import PlayedWorker, Stage
from writeback.envelope.answers import Applied, DirectoryState, Outcome
from writeback.envelope.heartbeats import DirectoryStatus
from writeback.envelope.jobs import ListFactors, ResetPassword
from writeback.envelope.keyring import rsa_der
from writeback.envelope.secret import Secret

LIST = ListFactors(site="main", attempt=ATTEMPT)
RESET = ResetPassword(site="main", attempt=ATTEMPT)
FOREIGN = tuple(DirectoryStatus(directory=name, state=DirectoryState.UP) for name in ("corp", "head", "a\nb"))
OTHER = b"another state id"


def alarms() -> list[tuple[object, object]]:
    return [
        (event.facts["what"], event.facts["detail"]) for event in Event.objects.filter(event="site.alarm")
    ]


def add_second_worker(stage: Stage) -> PlayedWorker:
    """Pair a second worker with the site that uses another state, and have it beat."""
    Site.objects.update(workers=["w1", "w2"])
    second = replace(stage.worker, name="w2", state_id=OTHER)
    stage.restart_portal()
    stage.box.beats["main", "w2"] = second.beat(age=-1)
    return second


def test_directory_that_pairing_did_not_pin_is_never_asked(stage: Stage) -> None:
    stage.beat(age=-1, directories=FOREIGN)
    (worker,) = queries.workers_for("main")
    assert worker.directories() == {"corp": DirectoryState.UP}
    assert not queries.is_reachable("head")
    assert queries.workers_for("head") == []
    assert not ask(replace(LIST, site="head")).sent
    assert stage.box.sent == []


def test_a_forbidden_heartbeat_is_logged_and_recorded_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.beat(age=-1, directories=FOREIGN)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            queries.is_reachable("main")
            record_findings()
    assert alarms() == [("foreign-directory", "?, head")]
    assert [record.getMessage() for record in caplog.records] == [
        "site main, worker w1: foreign-directory ?, head"
    ]


def test_a_later_portal_process_does_not_record_it_again(stage: Stage) -> None:
    stage.beat(age=-1, directories=FOREIGN)
    for _ in range(2):
        queries.is_reachable("main")
        record_findings()
        stage.restart_portal()
    assert len(alarms()) == 1


def test_a_forbidden_heartbeat_that_returns_is_recorded_again(stage: Stage) -> None:
    for age, said in ((-1, FOREIGN), (-2, FOREIGN[:1]), (-3, FOREIGN)):
        stage.beat(age=age, directories=said)
        queries.workers_for("main", fresh=True)
        record_findings()
    assert len(alarms()) == 2


def test_opening_a_page_is_enough_to_record_it(stage: Stage) -> None:
    stage.beat(age=-1, directories=FOREIGN)
    assert Client().get("/reset/").status_code == 200
    assert alarms() == [("foreign-directory", "?, head")]


def weak_rsa(bits: int = 3072, exponent: int = 65537, factor: int = 1) -> bytes:
    modulus = rsa_key().public_key().public_numbers().n >> (3072 - bits)
    return rsa_der(RSAPublicNumbers(exponent, (modulus | 1) // factor * factor).public_key())


WEAK = {
    "2048 bits": {"rsa": weak_rsa(bits=2048)},
    "exponent 3": {"rsa": weak_rsa(exponent=3)},
    "a huge exponent": {"rsa": weak_rsa(exponent=2**64 + 1)},
    "a small factor": {"rsa": weak_rsa(factor=751)},
    "no RSA key": {"rsa": b"x"},
    "a point of small order": {"prekey": bytes(32)},
    "another of small order": {
        "prekey": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")
    },
    "no prekey": {"prekey": b"x"},
}


@pytest.mark.parametrize("said", WEAK.values(), ids=WEAK.keys())
def test_unusable_keys_are_refused_and_recorded(
    stage: Stage, said: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(LIST).sent
    stage.beat(age=-1, **said)
    with caplog.at_level(logging.ERROR):
        assert queries.workers_for("main", fresh=True) == []
        record_findings()
    assert not ask(RESET, passwords=[Secret("new")]).sent
    assert [what for what, _ in alarms()] == ["weak-key"]
    assert "weak-key" in caplog.text


def test_a_worker_with_good_keys_again_is_used_again(stage: Stage) -> None:
    stage.beat(age=-1, prekey=bytes(32))
    assert queries.workers_for("main", fresh=True) == []
    stage.beat(age=-2)
    assert len(queries.workers_for("main", fresh=True)) == 1
    assert known_workers().liveness.findings() == frozenset()


def test_a_site_whose_workers_show_different_states_is_not_used(stage: Stage) -> None:
    add_second_worker(stage)
    assert not queries.is_reachable("main")
    assert not ask(LIST).sent
    record_findings()
    assert alarms() == [("other-state", OTHER.hex())]
    told = [(each.worker, [found.what for found in each.findings]) for each in queries.site_health()]
    assert told == [("w1", []), ("w2", ["other-state"])]


def test_a_vanished_worker_with_another_state_closes_nothing(stage: Stage) -> None:
    second = add_second_worker(stage)
    assert not queries.is_reachable("main")
    stage.box.beats["main", "w2"] = b""
    assert queries.workers_for("main", fresh=True)
    stage.box.beats["main", "w2"] = second.beat(age=100)
    workers = known_workers()
    seen = workers.liveness.look(workers.places(), fresh=True)
    assert [worker.state for worker in seen] == [WorkerState.UP, WorkerState.DOWN]
    assert queries.is_reachable("main")


def test_a_site_whose_state_was_made_anew_has_to_be_paired_again(stage: Stage) -> None:
    stage.worker.state_id = OTHER
    stage.beat(age=-1)
    assert queries.workers_for("main", fresh=True) == []
    flows.pair(replace(enrolment(SITE.public.raw), state=OTHER))
    assert queries.state_of("main") == OTHER


def test_an_answer_out_of_another_state_is_not_listened_to(stage: Stage) -> None:
    stage.worker.state_id = OTHER
    assert ask(LIST, wait=0.05).answer is None


@pytest.mark.parametrize(("directory", "is_heard"), [("corp", True), ("head", False)])
def test_answer_about_a_directory_of_another_site_is_not_heard(
    stage: Stage, directory: str, is_heard: bool
) -> None:
    stage.worker.facts = Applied(at=1, unlocked=False, dc="dc1", account=bytes(16), directory=directory)
    reply = ask(RESET, passwords=[Secret("new")], wait=0.05)
    assert (reply.answer is not None) == is_heard


def test_job_status_is_believed_only_from_the_state_that_had_the_job(stage: Stage) -> None:
    stage.box.on_send = lambda worker, sealed: []
    ask(RESET, passwords=[Secret("new")], wait=0.05)
    flows.pair(replace(enrolment(SITE.public.raw), state=OTHER))
    stage.worker.state_id, stage.worker.says = OTHER, [Outcome.CLOSED]
    stage.box.on_send = stage.worker.do
    stage.beat(age=-1)
    answer = follow_up(JobRecord.objects.get()).answer
    assert answer is not None
    assert answer.outcome is Outcome.UNKNOWN
    assert JobRecord.objects.get().outcome == ""


def test_site_of_two_directories_is_reachable_if_one_of_them_is(stage: Stage) -> None:
    Site.objects.update(directories=["corp", "eu"])
    stage.restart_portal()
    states = {"corp": DirectoryState.UP, "eu": DirectoryState.DOWN}
    said = tuple(DirectoryStatus(directory=name, state=states[name]) for name in states)
    stage.beat(age=-1, directories=said)
    assert queries.is_reachable("main")
    assert queries.directories_away("main") == ["eu"]
    page = Client().get("/reset/").content.decode()
    assert "People of eu: we can't reach your directory right now." in unescape(page)
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_no_directory_is_named_if_all_are_away(stage: Stage) -> None:
    stage.beat(age=-1, state=DirectoryState.DOWN)
    assert not queries.is_reachable("main")
    assert Client().get("/reset/").status_code == 503


def test_two_sites_are_not_used_until_one_is_switched_off(stage: Stage) -> None:
    first = Site.objects.get()
    second = Site.objects.create(
        name="eu", identity=first.identity, workers=["w9"], directories=["eu"], state=first.state
    )
    stage.restart_portal()
    assert (sites(), queries.is_reachable("main"), ask(LIST).sent) == ([], False, False)
    response = Client().get("/reset/")
    assert response.status_code == 503
    assert "Your administrators have to correct that." in response.content.decode()
    second.enabled = False
    flows.save_switch(second, by="erin")
    assert sites() == ["main"]
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
