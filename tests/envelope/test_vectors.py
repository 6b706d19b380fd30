"""The wire does not change by accident: golden vectors, both ways where there is one encoding only."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.envelope import examples
from tests.envelope.keys import NOW, PORTAL, SITE, VECTORS, keyring
from tests.envelope.make_vectors import deterministic
from writeback.envelope import codec, wire
from writeback.envelope.answers import FACTS
from writeback.envelope.heartbeats import read_heartbeat
from writeback.envelope.jobs import JOBS
from writeback.envelope.pairing import read_portal_enrolment, read_site_enrolment
from writeback.envelope.sealing import SealedJob, authenticate, open_answer, open_package

GOLDEN = json.loads((VECTORS / "deterministic.json").read_text(encoding="ascii"))
SEALED = json.loads((VECTORS / "sealed.json").read_text(encoding="ascii"))


def test_everything_with_one_encoding_is_written_as_ever() -> None:
    assert deterministic() == GOLDEN


@pytest.mark.parametrize("job", examples.JOBS, ids=lambda job: type(job).__name__)
def test_a_golden_job_is_read_as_ever(job: object) -> None:
    assert codec.decode(type(job), bytes.fromhex(GOLDEN["jobs"][type(job).__name__])) == job


@pytest.mark.parametrize("facts", examples.FACTS, ids=lambda facts: type(facts).__name__)
def test_golden_facts_are_read_as_ever(facts: object) -> None:
    assert codec.decode(type(facts), bytes.fromhex(GOLDEN["facts"][type(facts).__name__])) == facts


def test_a_golden_heartbeat_and_golden_enrolments_are_read_as_ever() -> None:
    beat = read_heartbeat(bytes.fromhex(GOLDEN["heartbeat"]), SITE.public)
    assert (beat.worker, beat.time, beat.recipient()) == ("w1", NOW, keyring().recipient())
    assert read_site_enrolment(GOLDEN["site"]) == examples.enrolment(SITE.public.raw)
    assert read_portal_enrolment(GOLDEN["portal"]) == PORTAL.public


@pytest.mark.parametrize("number", range(11))
def test_a_golden_sealed_job_and_its_answer_still_open(number: int) -> None:
    golden = SEALED[number]
    authentic = authenticate(bytes.fromhex(golden["job"]), PORTAL.public)
    wire.check_time(authentic.header, now=NOW + 1)
    opened = open_package(authentic, keyring())
    assert opened.job == examples.JOBS[number]
    assert [password.reveal() for password in opened.passwords()] == golden["passwords"]
    sent = SealedJob(
        blob=bytes.fromhex(golden["job"]),
        jti=authentic.header.jti,
        expires=authentic.header.expires,
        reply=X25519PrivateKey.from_private_bytes(bytes.fromhex(golden["reply"])),
    )
    answered = open_answer(bytes.fromhex(golden["answer"]), sent=sent, site=SITE.public)
    assert (answered.answer, answered.at, answered.worker) == (examples.ANSWERS[number], NOW, "w1")


def test_the_examples_are_complete() -> None:
    assert [type(job) for job in examples.JOBS] == list(JOBS.values())
    assert [type(facts) for facts in examples.FACTS] == list(FACTS.values())
