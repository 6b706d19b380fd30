"""Sealed jobs and answers arrive whole, and the first check refuses each attack on them."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tests.envelope import examples
from tests.envelope.keys import NOW, PORTAL, SITE, keyring, prekey, rsa_generation, signing_key
from writeback.envelope import codec, wire
from writeback.envelope.answers import Answer, Applied, Outcome
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import (
    Begin,
    ChangePassword,
    CheckFactor,
    Job,
    Operation,
    ResetPassword,
    SignIn,
    UnlockAccount,
)
from writeback.envelope.keyring import ANSWER_LABEL, JOB_LABEL, Keyring, SigningKey, VerifyKey
from writeback.envelope.passwords import is_usable, utf16
from writeback.envelope.sealing import (
    OpenedJob,
    SealedJob,
    authenticate,
    open_answer,
    open_package,
    seal_answer,
    seal_job,
)
from writeback.envelope.secret import Secret

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
RESET = ResetPassword(site="main", attempt=examples.ATTEMPT)
UNLOCK = UnlockAccount(site="main", attempt=examples.ATTEMPT)
DONE = Answer(outcome=Outcome.DONE, facts=Applied(at=NOW, unlocked=False, dc="dc1"))


def seal(
    job: Job = RESET, *passwords: str, signer: SigningKey = PORTAL, keys: Keyring | None = None
) -> SealedJob:
    given = [Secret(text) for text in passwords or ["new"] * type(job).passwords]
    return seal_job(job, passwords=given, to=(keys or keyring()).recipient(), signer=signer, now=NOW)


def open_job(blob: bytes, keys: Keyring | None = None) -> OpenedJob:
    held = keys or keyring()
    return open_package(authenticate(blob, held.portal), held)


def reply_to(sent: SealedJob, answer: Answer = DONE, *, identity: SigningKey = SITE) -> bytes:
    to = authenticate(sent.blob, PORTAL.public)
    return seal_answer(answer, to=to, identity=identity, worker="w1", state=examples.STATE, now=NOW)


def forge(job: Job, box: bytes | None, *, sent: SealedJob, number: int) -> bytes:
    """Seal and sign a package of one's own, as who holds P-sig can, under the header of another job."""
    head = sent.blob[: wire.HEADER_SIZE]
    padded = wire.pad(codec.pack(number, job, box), overhead=202, sizes=wire.JOB_SIZES)
    sealed = SUITE.encrypt(padded, keyring().recipient().prekey_key, JOB_LABEL + head)
    return head + PORTAL.sign(JOB_LABEL, head + sealed) + sealed


def box_of(sent: SealedJob) -> bytes:
    box = open_job(sent.blob).box
    assert box is not None
    return box


@pytest.mark.parametrize("job", examples.JOBS, ids=lambda job: type(job).__name__)
def test_each_job_arrives_as_it_was_sent_on_1024_bytes(job: Job) -> None:
    sent = seal(job)
    assert len(sent.blob) == 1024
    opened = open_job(sent.blob)
    assert opened.job == job
    assert len(opened.passwords()) == type(job).passwords


def test_two_long_passwords_take_the_second_size() -> None:
    sent = seal(ChangePassword(site="main", attempt=examples.ATTEMPT), "ä" * 128, "😀" * 64)
    assert len(sent.blob) == 4096
    assert [password.reveal() for password in open_job(sent.blob).passwords()] == ["ä" * 128, "😀" * 64]


@pytest.mark.parametrize(
    "text", ["", " a ", "ä" * 127, "ä" * 128, "😀" * 64, 'x"; $(id) %PATH%', "é\u0301\u00a0\u00ad"]
)
def test_a_password_arrives_exactly_as_it_was_typed(text: str) -> None:
    assert open_job(seal(RESET, text).blob).passwords() == (Secret(text),)


@pytest.mark.parametrize("text", ["ä" * 129, "😀" * 64 + "a", "a\0b", "\ud800", "a" * 1_000_000])
def test_a_password_that_cannot_be_carried_is_refused_before_anything_is_sealed(text: str) -> None:
    with pytest.raises(EnvelopeError) as caught:
        seal(RESET, text)
    assert caught.value.fault is Fault.PASSWORD
    assert text not in str(caught.value)
    assert not is_usable(Secret(text))


def test_an_empty_password_travels_but_ad_cannot_hold_it() -> None:
    assert (utf16(Secret("")), is_usable(Secret(""))) == (b"", False)


def test_a_job_without_its_passwords_is_not_sealed() -> None:
    with pytest.raises(ValueError, match="brings 1"):
        seal_job(RESET, to=keyring().recipient(), signer=PORTAL, now=NOW)


def test_a_job_that_is_too_large_is_not_sealed() -> None:
    with pytest.raises(EnvelopeError) as caught:
        seal(Begin(site="main", operation=Operation.RESET, name="a" * 10_000))
    assert caught.value.fault is Fault.TOO_LARGE


def test_any_flipped_byte_is_refused_before_a_key_is_used() -> None:
    blob = seal().blob
    for place in range(len(blob)):
        changed = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        with pytest.raises(EnvelopeError) as caught:
            authenticate(changed, PORTAL.public)
        assert caught.value.fault in (Fault.VERSION, Fault.SUITE, Fault.SIGNER, Fault.SIGNATURE)


@pytest.mark.parametrize("cut", [wire.HEADER_SIZE, wire.HEADER_SIZE + wire.SIGNATURE_SIZE])
def test_header_of_one_job_with_body_of_another_is_refused(cut: int) -> None:
    one, two = seal().blob, seal().blob
    with pytest.raises(EnvelopeError) as caught:
        authenticate(one[:cut] + two[cut:], PORTAL.public)
    assert caught.value.fault is Fault.SIGNATURE


@pytest.mark.parametrize(
    ("job", "number"),
    [
        (RESET, 10),  # another jti
        (replace(RESET, attempt=examples.FACTOR), 10),
        (replace(RESET, site="other"), 10),
        (SignIn(site="main", name="alice"), 2),
    ],
)
def test_password_box_opens_only_in_its_own_job(job: Job, number: int) -> None:
    opened = open_job(forge(job, box_of(seal()), sent=seal(), number=number))
    assert opened.job == job
    with pytest.raises(EnvelopeError) as caught:
        opened.passwords()
    assert caught.value.fault is Fault.PASSWORD_BOX


def test_password_box_with_wrong_number_of_passwords_is_refused() -> None:
    change = ChangePassword(site="main", attempt=examples.ATTEMPT)
    sent = seal(change, "new", "old")
    opened = open_job(sent.blob)
    with pytest.raises(EnvelopeError) as caught:
        replace(opened, job=RESET).passwords()
    assert caught.value.fault is Fault.PASSWORD_BOX


def test_password_that_is_not_utf16_is_refused() -> None:
    opened = open_job(seal().blob)
    key = bytes(32)
    label = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=opened.context)
    wrapped = opened.rsa.public_key().encrypt(key, label)
    box = wrapped + AESGCM(key).encrypt(bytes(12), codec.encode((b"odd",)), opened.context)
    with pytest.raises(EnvelopeError) as caught:
        replace(opened, box=box).passwords()
    assert caught.value.fault is Fault.PASSWORD


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("box", [b"", b"x", bytes(384), bytes(500)])
def test_junk_in_place_of_the_password_box_is_refused(box: bytes, ahead: bool) -> None:
    opened = open_job(forge(RESET, box, sent=seal(), number=10))
    if ahead:
        opened.unwrap()  # which tells nothing
    with pytest.raises(EnvelopeError) as caught:
        opened.passwords()
    assert caught.value.fault is Fault.PASSWORD_BOX


class CountingKey:
    """A W-rsa that counts how often it is used."""

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key, self.key_size, self.times = key, key.key_size, 0

    def decrypt(self, wrapped: bytes, how: Any) -> bytes:
        self.times += 1
        return self._key.decrypt(wrapped, how)


def test_a_key_that_was_unwrapped_ahead_is_not_unwrapped_again() -> None:
    opened = open_job(seal(RESET, "new").blob)
    key: Any = CountingKey(opened.rsa)
    opened = replace(opened, rsa=key)
    opened.unwrap()
    opened.unwrap()
    assert "_key" not in repr(opened)
    assert opened.passwords() == (Secret("new"),)
    assert key.times == 1


def test_without_a_box_there_is_nothing_to_unwrap() -> None:
    opened = open_job(seal(UNLOCK).blob)
    opened.unwrap()
    assert opened.passwords() == ()


@pytest.mark.parametrize("number", [0, 2, 15, 255, 2**32])
def test_job_under_the_number_of_another_job_is_refused(number: int) -> None:
    with pytest.raises(EnvelopeError) as caught:
        open_job(forge(UNLOCK, None, sent=seal(), number=number))
    assert caught.value.fault is Fault.MALFORMED


@pytest.mark.parametrize(("job", "box", "number"), [(UNLOCK, b"box", 12), (RESET, None, 10)])
def test_missing_or_unexpected_password_box_is_refused(job: Job, box: bytes | None, number: int) -> None:
    with pytest.raises(EnvelopeError) as caught:
        open_job(forge(job, box, sent=seal(), number=number))
    assert caught.value.fault is Fault.MALFORMED


@pytest.mark.parametrize("portal", [None, signing_key("another portal").public])
def test_job_signed_by_an_unknown_or_retired_portal_is_refused(portal: VerifyKey | None) -> None:
    with pytest.raises(EnvelopeError) as caught:
        authenticate(seal().blob, portal)
    assert (caught.value.fault, caught.value.key_id) == (Fault.SIGNER, PORTAL.id)


def test_another_key_under_the_pinned_name_is_refused() -> None:
    blob = seal(signer=signing_key("thief")).blob
    named = blob[:18] + PORTAL.id + blob[26:]
    with pytest.raises(EnvelopeError) as caught:
        authenticate(named, PORTAL.public)
    assert caught.value.fault is Fault.SIGNATURE


@pytest.mark.parametrize(
    "keys", [keyring(prekeys=(prekey("next prekey"),)), keyring(rsas=(rsa_generation("rsa-2"),))]
)
def test_job_for_a_retired_key_asks_for_a_new_one(keys: Keyring) -> None:
    authentic = authenticate(seal().blob, keys.portal)
    with pytest.raises(EnvelopeError) as caught:
        open_package(authentic, keys)
    assert caught.value.fault is Fault.REKEY
    told = Answer(outcome=Outcome.REKEY)
    answer = seal_answer(told, to=authentic, identity=SITE, worker="w1", state=examples.STATE, now=NOW)
    assert len(answer) == 1024


def test_answer_is_not_taken_for_a_job_nor_job_for_an_answer() -> None:
    sent = seal()
    with pytest.raises(EnvelopeError):
        authenticate(reply_to(sent), PORTAL.public)
    with pytest.raises(EnvelopeError):
        open_answer(sent.blob, sent=sent, site=PORTAL.public)


def test_an_answer_is_read_by_the_portal_that_asked() -> None:
    sent = seal()
    opened = open_answer(reply_to(sent), sent=sent, site=SITE.public)
    assert (opened.answer, opened.at, opened.worker, opened.state) == (DONE, NOW, "w1", examples.STATE)


def test_answer_with_a_flipped_byte_is_refused() -> None:
    sent = seal()
    blob = reply_to(sent)
    for place in range(len(blob)):
        with pytest.raises(EnvelopeError):
            open_answer(
                blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :], sent=sent, site=SITE.public
            )


def test_answer_signed_by_another_key_is_refused() -> None:
    sent = seal()
    with pytest.raises(EnvelopeError) as caught:
        open_answer(reply_to(sent, identity=PORTAL), sent=sent, site=SITE.public)
    assert caught.value.fault is Fault.SIGNATURE


def test_answer_to_an_earlier_job_is_refused() -> None:
    with pytest.raises(EnvelopeError) as caught:
        open_answer(reply_to(seal()), sent=seal(), site=SITE.public)
    assert caught.value.fault is Fault.SIGNATURE


def test_answer_that_names_another_job_inside_is_refused() -> None:
    sent = seal()
    to = authenticate(sent.blob, PORTAL.public)
    other = replace(to.parts, header=replace(to.header, jti=bytes(16)))
    blob = seal_answer(
        DONE, to=replace(to, parts=other), identity=SITE, worker="w1", state=examples.STATE, now=NOW
    )
    with pytest.raises(EnvelopeError) as caught:
        open_answer(blob, sent=sent, site=SITE.public)
    assert caught.value.fault is Fault.OTHER_JOB


@pytest.mark.parametrize(("outcome", "number"), [("done", 255), ("never heard of", None)])
def test_answer_with_unknown_facts_or_an_unknown_outcome_is_refused(outcome: str, number: int | None) -> None:
    sent = seal()
    to = authenticate(sent.blob, PORTAL.public)
    plain = codec.pack(to.header.jti, outcome, number, None, NOW, "w1", examples.STATE)
    padded = wire.pad(plain, overhead=112, sizes=wire.ANSWER_SIZES)
    reply = X25519PublicKey.from_public_bytes(to.header.reply)
    sealed = SUITE.encrypt(padded, reply, ANSWER_LABEL + to.digest)
    with pytest.raises(EnvelopeError) as caught:
        open_answer(SITE.sign(ANSWER_LABEL, to.digest + sealed) + sealed, sent=sent, site=SITE.public)
    assert caught.value.fault is Fault.MALFORMED


def test_answer_sealed_for_somebody_else_is_refused() -> None:
    sent = seal()
    thief = replace(sent, reply=X25519PrivateKey.generate())
    with pytest.raises(EnvelopeError) as caught:
        open_answer(reply_to(sent), sent=thief, site=SITE.public)
    assert caught.value.fault is Fault.SEALED


@pytest.mark.parametrize("blob", [b"", b"x", bytes(1024), bytes(4096), bytes(20_000)])
def test_junk_is_refused_as_an_answer(blob: bytes) -> None:
    with pytest.raises(EnvelopeError):
        open_answer(blob, sent=seal(), site=SITE.public)


def test_an_answer_is_not_sealed_for_an_invalid_key() -> None:
    authentic = authenticate(seal().blob, PORTAL.public)
    nowhere = replace(authentic.parts, header=replace(authentic.header, reply=bytes(32)))
    with pytest.raises(EnvelopeError) as caught:
        seal_answer(
            DONE,
            to=replace(authentic, parts=nowhere),
            identity=SITE,
            worker="w1",
            state=examples.STATE,
            now=NOW,
        )
    assert caught.value.fault is Fault.SEALED


@pytest.mark.parametrize("answer", examples.ANSWERS, ids=lambda answer: type(answer.facts).__name__)
def test_every_answer_fits_the_smallest_size_and_arrives(answer: Answer) -> None:
    sent = seal()
    blob = reply_to(sent, answer)
    assert len(blob) == 1024
    assert open_answer(blob, sent=sent, site=SITE.public).answer == answer


def test_recorded_job_cannot_be_opened_once_its_prekey_is_gone() -> None:
    recorded = seal().blob
    everything_else = keyring(prekeys=(prekey("next prekey"),))
    renamed = replace(everything_else.prekeys[0], id=keyring().prekeys[0].id)
    with pytest.raises(EnvelopeError) as caught:
        open_job(recorded, replace(everything_else, prekeys=(renamed,)))
    assert caught.value.fault is Fault.SEALED


def test_nothing_readable_is_on_the_wire() -> None:
    job = CheckFactor(site="main", attempt=examples.ATTEMPT, factor=examples.FACTOR, code=Secret("31415926"))
    for word in (b"corp", b"31415926", examples.ATTEMPT, examples.FACTOR):
        assert word not in seal(job).blob
    for spelt in ("Canary-password-7", "canary"):
        blob = seal(RESET, spelt).blob
        assert all(spelt.encode(code) not in blob for code in ("utf-8", "utf-16-le"))


def test_no_two_sealings_are_alike() -> None:
    one, two = seal().blob, seal().blob
    same = [place for place in range(154, 1024) if one[place] == two[place]]
    assert len(same) < 100
    assert hashlib.sha256(one).digest() != hashlib.sha256(two).digest()


def test_representations_hold_no_key_and_no_secret() -> None:
    sent = seal(RESET, "Canary-password-7")
    opened = open_job(sent.blob)
    for value in (sent, opened, opened.passwords(), keyring(), SITE):
        assert "Canary" not in repr(value)
        assert "PrivateKey" not in repr(value)
