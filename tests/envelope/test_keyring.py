"""Keys follow each other so that nothing in flight is lost and nothing old is kept."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.envelope.keys import SITE, keyring, prekey, rsa_generation, signing_key
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.keyring import (
    PREKEY_ROLLOVER,
    RSA_ROLLOVER,
    Generation,
    Recipient,
    Rollover,
    SigningKey,
    VerifyKey,
)

DAY, MINUTE = 86400.0, 60.0


def keys_born(*births: float, first: int = 128) -> list[Generation[str]]:
    """Return one key for each birth; a first byte of the id in the middle means no spread."""
    return [
        Generation(id=bytes([first, number]) + bytes(6), born=born, key=f"key {number}")
        for number, born in enumerate(births)
    ]


# rule, births, now: is a new one due, and which still open (newest first)
TABLE: dict[str, tuple[Rollover, list[float], float, bool, list[int]]] = {
    "no prekey yet": (PREKEY_ROLLOVER, [], 0, True, []),
    "a new prekey": (PREKEY_ROLLOVER, [0], 0, False, [0]),
    "a prekey near its end": (PREKEY_ROLLOVER, [0], 59 * MINUTE, False, [0]),
    "a prekey that has come of age": (PREKEY_ROLLOVER, [0], 60 * MINUTE, True, [0]),
    "both just after the roll": (PREKEY_ROLLOVER, [0, 60 * MINUTE], 60 * MINUTE, False, [1, 0]),
    "both four minutes later": (PREKEY_ROLLOVER, [0, 60 * MINUTE], 64.9 * MINUTE, False, [1, 0]),
    "one five minutes later": (PREKEY_ROLLOVER, [0, 60 * MINUTE], 65 * MINUTE, False, [1]),
    "a worker that slept for 70 minutes": (PREKEY_ROLLOVER, [0], 70 * MINUTE, True, []),
    "a roll before its time": (PREKEY_ROLLOVER, [0, 10 * MINUTE], 14 * MINUTE, False, [1, 0]),
    "a roll before its time, later": (PREKEY_ROLLOVER, [0, 10 * MINUTE], 15 * MINUTE, False, [1]),
    "three in a row": (PREKEY_ROLLOVER, [0, 60 * MINUTE, 62 * MINUTE], 64 * MINUTE, False, [2, 1, 0]),
    "a clock that was set back": (PREKEY_ROLLOVER, [100 * MINUTE], 0, False, [0]),
    "an RSA key of half a year": (RSA_ROLLOVER, [0], 173 * DAY, False, [0]),
    "an RSA key that is due": (RSA_ROLLOVER, [0], 180.1 * DAY, True, [0]),
    "both RSA keys for a day": (RSA_ROLLOVER, [0, 180 * DAY], 180.9 * DAY, False, [1, 0]),
    "one RSA key after a day": (RSA_ROLLOVER, [0, 180 * DAY], 181 * DAY, False, [1]),
    "an RSA key of a worker that slept": (RSA_ROLLOVER, [0], 200 * DAY, True, []),
}


@pytest.mark.parametrize(("rule", "births", "now", "due", "opening"), TABLE.values(), ids=TABLE.keys())
def test_rollover(rule: Rollover, births: list[float], now: float, due: bool, opening: list[int]) -> None:
    keys = keys_born(*births)
    assert rule.is_due(keys, now=now) is due
    assert list(rule.select_usable(keys, now=now)) == [keys[number] for number in opening]


@pytest.mark.parametrize(("first", "days"), [(0, 173), (255, 187)])
def test_sites_roll_their_rsa_keys_within_a_week_of_half_a_year(first: int, days: int) -> None:
    assert RSA_ROLLOVER.end_of(keys_born(0, first=first)[0]) == pytest.approx(days * DAY)


def test_no_job_in_flight_is_lost_by_a_roll_and_no_key_outlives_70_minutes() -> None:
    keys: list[Generation[str]] = []
    for now in range(0, 4 * 3600, 30):  # with each heartbeat
        if PREKEY_ROLLOVER.is_due(keys, now=now):
            keys += keys_born(now)
        alive = PREKEY_ROLLOVER.select_usable(keys, now=now)
        # A heartbeat is believed for 75 s, a job lives for 120 s, clocks differ by 60 s.
        current = [
            max((key.born for key in keys if key.born <= then), default=0)
            for then in range(max(0, now - 255), now + 1)
        ]
        assert {key.born for key in alive} >= set(current)
        assert min(key.born for key in alive) > now - 70 * 60
        keys = list(alive)


def test_the_newest_key_is_announced_and_all_of_the_ring_open() -> None:
    ring = keyring(prekeys=(prekey("new"), prekey("old")), rsas=(rsa_generation("rsa-2"), rsa_generation()))
    assert ring.recipient().prekey_id == ring.prekeys[0].id
    assert ring.recipient().rsa_id == ring.rsas[0].id
    for generation in ring.prekeys:
        assert ring.prekey(generation.id) is generation.key
    for rsa in ring.rsas:
        assert ring.rsa(rsa.id) is rsa.key


def test_a_key_that_is_gone_asks_for_a_new_sealing() -> None:
    for find in (keyring().prekey, keyring().rsa):
        with pytest.raises(EnvelopeError) as caught:
            find(bytes(8))
        assert (caught.value.fault, caught.value.key_id) == (Fault.REKEY, bytes(8))


def test_a_signing_key_comes_back_from_its_bytes() -> None:
    assert SigningKey.from_raw(SITE.raw()).public == SITE.public
    with pytest.raises(ValueError, match="32"):
        SigningKey.from_raw(b"short")


@pytest.mark.parametrize("raw", [b"", b"x", bytes(31), bytes(33)])
def test_bytes_that_are_no_key_are_refused(raw: bytes) -> None:
    with pytest.raises(EnvelopeError):
        VerifyKey(raw)


def test_a_recipient_must_have_real_keys() -> None:
    good = keyring().recipient()
    no_rsa = (
        prekey("other kind").key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    for changes in ({"prekey": b"short"}, {"rsa": b"x"}, {"rsa": b""}, {"rsa": no_rsa}):
        with pytest.raises(EnvelopeError):
            Recipient(**{"prekey": good.prekey, "rsa": good.rsa, **changes})


def test_fingerprints_differ_and_are_made_to_be_read_out() -> None:
    one, two = (signing_key(name).public.fingerprint for name in ("one", "two"))
    assert one != two
    assert [len(group) for group in one.split("-")] == [4] * 8


def test_a_signature_under_one_label_means_nothing_under_another() -> None:
    signature = SITE.sign(b"keyback/job/1", b"data")
    SITE.public.verify(b"keyback/job/1", signature, b"data")
    for label, data in (
        (b"keyback/answer/1", b"data"),
        (b"keyback/job/1", b"date"),
        (b"keyback/job/1d", b"ata"),
    ):
        if label + data != b"keyback/job/1data":
            with pytest.raises(EnvelopeError):
                SITE.public.verify(label, signature, data)
