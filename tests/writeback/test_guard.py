"""The guard lets signed jobs through, counts the rest, and builds every header itself."""

import base64
import json

import pytest

from tests.envelope.examples import JOBS
from tests.envelope.keys import NOW, PORTAL, keyring, signing_key
from writeback.envelope import post
from writeback.envelope.keyring import SigningKey
from writeback.envelope.sealing import seal_job
from writeback.guard import LARGEST_MESSAGE, TASK, Guard, message_for


def sealed(signer: SigningKey = PORTAL) -> bytes:
    return seal_job(JOBS[0], to=keyring().recipient(), signer=signer, now=NOW).blob


def guard() -> Guard:
    return Guard(lambda: PORTAL.public)


def test_a_signed_job_gets_through_as_it_is() -> None:
    blob = sealed()
    assert base64.b64decode(guard().admit(post.queue_element(blob)) or "") == blob


@pytest.mark.parametrize("extra", [{}, {"headers": {"task": "x", "eta": "2030"}}, {"body_encoding": [1]}])
def test_other_contents_of_an_element_are_ignored(extra: dict[str, object]) -> None:
    element = {**extra, **json.loads(post.queue_element(sealed()))}
    assert guard().admit(json.dumps(element).encode())


def test_refusals_are_counted_by_reason_once() -> None:
    counting = guard()
    stranger = post.queue_element(sealed(signing_key("stranger")))
    for raw in (b"", b"junk", b"{}", stranger, b" " * (LARGEST_MESSAGE + 1)):
        assert counting.admit(raw) is None
    assert counting.take_refused() == {"malformed": 3, "signer": 1, "size": 1}
    assert counting.take_refused() == {}


def test_a_site_that_is_switched_off_lets_nothing_through() -> None:
    assert Guard(lambda: None).admit(post.queue_element(sealed())) is None


def test_the_message_for_celery_holds_the_text_and_nothing_of_the_sender() -> None:
    message = message_for("AAAA", "writeback.w1")
    assert json.loads(message["body"])[0] == ["AAAA"]
    headers = message["headers"]
    assert (headers["task"], headers["argsrepr"], headers["kwargsrepr"], headers["origin"]) == (
        TASK,
        "*",
        "*",
        "",
    )
    assert {headers[name] for name in ("eta", "expires", "shadow", "group", "parent_id")} == {None}
    assert message["properties"]["delivery_tag"] != message_for("AAAA", "q")["properties"]["delivery_tag"]
