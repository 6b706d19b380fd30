"""Whoever holds Redis may put anything into the queue: the worker lives on, and does the next job.

This also guards the pin on kombu, whose internals the guard leans on.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.dev.processes import wait_until
from tests.writeback.border.live import LiveWorker, kombu_element
from writeback.envelope import post
from writeback.envelope.answers import AttemptOpened, Outcome
from writeback.envelope.keyring import SigningKey

Element = Callable[[LiveWorker], bytes]


def raw(data: bytes) -> Element:
    return lambda worker: data


def body(text: Any) -> Element:
    return raw(json.dumps({"body": text}).encode())


def celery_task(name: str, *arguments: Any) -> Element:
    inner = base64.b64encode(json.dumps([arguments, {}, {}]).encode()).decode()
    return raw(
        json.dumps(
            {
                "body": inner,
                "content-type": "application/json",
                "content-encoding": "utf-8",
                "headers": {"task": name, "id": "1", "lang": "py"},
                "properties": {"delivery_tag": "1", "delivery_info": {}, "body_encoding": "base64"},
            }
        ).encode()
    )


def changed(change: Callable[[bytes], bytes]) -> Element:
    return lambda worker: post.queue_element(change(worker.seal().blob))


def by_stranger(worker: LiveWorker) -> bytes:
    return post.queue_element(worker.seal(signer=SigningKey.generate()).blob)


HOSTILE: dict[str, Element] = {
    "nothing": raw(b""),
    "a number": raw(b"7"),
    "null": raw(b"null"),
    "a list": raw(b"[]"),
    "a text": raw(b'"x"'),
    "no JSON": raw(b"not json"),
    "no UTF-8": raw(b"\xff\xfe"),
    "UTF-16": raw('{"body": "x"}'.encode("utf-16")),
    "100,000 brackets": raw(b"[" * 100_000),
    "8,000 brackets": raw(b"[" * 8_000),
    "a number of 8,000 digits": raw(b'{"body": ' + b"9" * 8_000 + b"}"),
    "not a number": raw(b'{"body": NaN}'),
    "an empty object": raw(b"{}"),
    "no body": raw(b'{"headers": {}}'),
    "an empty body": body(""),
    "a body of %%%": body("%%%"),
    "a body of 7": body(7),
    "a body of null": body(None),
    "a body of a list": body(["x"]),
    "a body of an object": body({"body": "x"}),
    "base64 of junk": body(base64.b64encode(b"junk").decode()),
    "base64 with a line feed": body("AAAA\nAAAA"),
    "base64 beyond ASCII": body("ÄÄÄÄ"),
    "a lone surrogate": raw(b'{"body": "\\ud800"}'),
    "1,024 zeros": body(base64.b64encode(bytes(1024)).decode()),
    "4,096 zeros": body(base64.b64encode(bytes(4096)).decode()),
    "more than 8 KiB": body("A" * 9_000),
    "900,000 bytes": body("A" * 900_000),
    "a header id that is a list": raw(b'{"body": "x", "headers": {"id": [1], "task": "writeback.apply"}}'),
    "celery.map": celery_task("celery.map", None, []),
    "celery.chord": celery_task("celery.chord", [], None),
    "celery.backend_cleanup": celery_task("celery.backend_cleanup"),
    "our own task without a job": celery_task("writeback.apply"),
    "our own task with ten arguments": celery_task("writeback.apply", *range(10)),
    "another version": changed(lambda blob: b"\x02" + blob[1:]),
    "another suite": changed(lambda blob: blob[:1] + b"\x00" + blob[2:]),
    "a flipped bit": changed(lambda blob: blob[:500] + bytes([blob[500] ^ 1]) + blob[501:]),
    "a job cut short": changed(lambda blob: blob[:-1]),
    "a job made longer": changed(lambda blob: blob + b"\0"),
    "a job by somebody else": by_stranger,
}


@pytest.mark.parametrize("element", HOSTILE.values(), ids=HOSTILE.keys())
def test_junk_ends_nothing_and_the_next_job_is_done(worker: LiveWorker, element: Element) -> None:
    before = worker.pid
    worker.push(element(worker))
    answer = worker.ask()
    assert answer is not None
    assert isinstance(answer.facts, AttemptOpened)
    assert worker.pid == before is not None


HEADERS: dict[str, dict[str, Any]] = {
    "another task": {"headers": (("task", "celery.map"),)},
    "an eta in 2030": {"headers": (("eta", "2030-01-01T00:00:00"),)},
    "an expiry in the past": {"headers": (("expires", "2001-01-01T00:00:00"),)},
    "an expiry that is none": {"headers": (("expires", {"a": 1}),)},
    "a time limit": {"headers": (("timelimit", [0.001, 0.001]),)},
    "retries and a shadow": {"headers": (("retries", 9_999), ("shadow", "x\ny"))},
    "a line feed in the id": {"headers": (("id", "x\nINFO forged line"),)},
    "callbacks": {"headers": (("callbacks", [{"task": "celery.map"}]), ("chain", [{"task": "x"}]))},
    "a group and a root": {"headers": (("group", "g"), ("root_id", "r"), ("parent_id", "p"))},
    "no headers": {"headers": ()},
    "another queue": {"delivery_info": {"exchange": "celery", "routing_key": "celery"}},
    "a tag that is a list": {"delivery_tag": [1]},
    "a reply address": {"reply_to": "elsewhere", "correlation_id": "x"},
    "a body encoding": {"body_encoding": "rot13"},
}


@pytest.mark.parametrize("rewritten", HEADERS.values(), ids=HEADERS.keys())
def test_rewritten_headers_have_no_effect(worker: LiveWorker, rewritten: dict[str, Any]) -> None:
    before = worker.pid
    sealed = worker.seal()
    worker.push(kombu_element(sealed.blob, **rewritten))
    answer = worker.answer(sealed)
    assert answer is not None
    assert isinstance(answer.facts, AttemptOpened)
    assert worker.pid == before is not None
    assert "forged line" not in worker.child.log.read_text()


def test_remote_control_commands_reach_no_listener(worker: LiveWorker) -> None:
    before = worker.pid
    message = json.dumps({"method": "shutdown", "arguments": {}, "destination": None})
    channels = worker.attacker.pubsub_channels("*") + worker.attacker.keys("*pidbox*")
    heard = [worker.attacker.publish(f"/0.celery.pidbox{suffix}", message) for suffix in ("", "/x")]
    assert (channels, heard, worker.attacker.pubsub_numpat()) == ([], [0, 0], 0)
    assert worker.ask() is not None
    assert worker.pid == before is not None


def test_one_of_a_hundred_copies_is_answered(worker: LiveWorker) -> None:
    sealed = worker.seal()
    worker.push(*[post.queue_element(sealed.blob)] * 100)
    worker.wait_drained(seconds=30)
    assert worker.ask() is not None
    key = post.reply_key(sealed.jti)
    assert wait_until(lambda: worker.attacker.llen(key) == 1, seconds=5)
    assert worker.answer(sealed) is not None


def test_junk_is_refused_faster_than_jobs_can_come(worker: LiveWorker) -> None:
    before, rate, floods = worker.pid, 1_000, 5_000
    forged = by_stranger(worker)
    worker.push(*[b"junk"] * (floods // 2), *[forged] * (floods // 2))
    worker.wait_drained(seconds=floods / rate)
    assert worker.ask() is not None
    assert worker.pid == before is not None
    assert _resident_kib(before) < 120 * 1024


def test_a_job_from_a_portal_with_a_wrong_clock_is_answered_so(worker: LiveWorker) -> None:
    sealed = worker.seal(ahead=100)
    worker.send(sealed)
    answer = worker.answer(sealed)
    assert answer is not None
    assert answer.outcome is Outcome.CLOCK


def test_a_job_that_waited_too_long_is_answered_as_expired_and_not_done(worker: LiveWorker) -> None:
    sealed = worker.seal(ahead=-121)
    worker.send(sealed)
    answer = worker.answer(sealed)
    assert answer is not None
    assert answer.outcome is Outcome.EXPIRED


def _resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
