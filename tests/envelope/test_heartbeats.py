"""Heartbeats and enrolments: signed, bounded, and read strictly."""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from tests.envelope.examples import enrolment, heartbeat
from tests.envelope.keys import NOW, PORTAL, SITE, keyring, signing_key
from writeback.envelope import codec
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.heartbeats import read_heartbeat, sign_heartbeat
from writeback.envelope.keyring import ENROLMENT_LABEL, HEARTBEAT_LABEL
from writeback.envelope.pairing import (
    read_portal_enrolment,
    read_site_enrolment,
    write_portal_enrolment,
    write_site_enrolment,
)

KEYS = keyring().recipient()
BEAT = heartbeat(prekey=KEYS.prekey, rsa=KEYS.rsa, time=NOW)


def test_a_heartbeat_is_read_as_it_was_signed() -> None:
    assert read_heartbeat(sign_heartbeat(BEAT, SITE), SITE.public) == BEAT


@pytest.mark.parametrize("place", [0, 63, 64, 65, 100, -1])
def test_a_changed_heartbeat_is_refused(place: int) -> None:
    blob = bytearray(sign_heartbeat(BEAT, SITE))
    blob[place] ^= 1
    with pytest.raises(EnvelopeError) as caught:
        read_heartbeat(bytes(blob), SITE.public)
    assert caught.value.fault is Fault.SIGNATURE


@pytest.mark.parametrize("blob", [b"", bytes(64), bytes(9000)])
def test_a_heartbeat_has_bounds(blob: bytes) -> None:
    with pytest.raises(EnvelopeError) as caught:
        read_heartbeat(blob, SITE.public)
    assert caught.value.fault is Fault.SIZE


def test_a_signed_heartbeat_of_another_shape_is_refused() -> None:
    data = codec.dumps({0: "w1"})
    with pytest.raises(EnvelopeError) as caught:
        read_heartbeat(SITE.sign(HEARTBEAT_LABEL, data) + data, SITE.public)
    assert caught.value.fault is Fault.MALFORMED


def test_a_heartbeat_with_invalid_keys_cannot_be_sealed_to() -> None:
    with pytest.raises(EnvelopeError):
        replace(BEAT, prekey=b"").recipient()


def test_an_enrolment_survives_being_wrapped_in_a_mail() -> None:
    text = write_site_enrolment(enrolment(SITE.public.raw), SITE)
    wrapped = "\n ".join(text[start : start + 60] for start in range(0, len(text), 60))
    assert read_site_enrolment(f"\n{wrapped}\n") == enrolment(SITE.public.raw)
    assert read_portal_enrolment(f" {write_portal_enrolment(PORTAL)}\n") == PORTAL.public


def test_an_enrolment_is_signed_by_the_key_that_it_brings() -> None:
    for text in (write_site_enrolment(enrolment(SITE.public.raw), signing_key("thief")),):
        with pytest.raises(EnvelopeError) as caught:
            read_site_enrolment(text)
        assert caught.value.fault is Fault.SIGNATURE


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_portal_brings_one_whole_key(key: bytes) -> None:
    signed = PORTAL.sign(ENROLMENT_LABEL, key) + key
    with pytest.raises(EnvelopeError) as caught:
        read_portal_enrolment("keyback-portal-1:" + urlsafe_b64encode(signed).decode())
    assert caught.value.fault is Fault.MALFORMED


@pytest.mark.parametrize(
    "text", ["", "keyback-portal-1:", "keyback-portal-1:ä", "keyback-portal-1:!!!!", "x" * 9999]
)
def test_a_text_that_is_no_enrolment_is_refused(text: str) -> None:
    for read in (read_portal_enrolment, read_site_enrolment):
        with pytest.raises(EnvelopeError):
            read(text)


def test_a_worker_enrolment_and_a_portal_enrolment_are_not_confused() -> None:
    with pytest.raises(EnvelopeError):
        read_portal_enrolment(write_site_enrolment(enrolment(SITE.public.raw), SITE))
    with pytest.raises(EnvelopeError):
        read_site_enrolment(write_portal_enrolment(PORTAL))
