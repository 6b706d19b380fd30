"""CBOR is read strictly: one encoding of each value, and nothing else."""

from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.envelope import examples
from writeback.envelope import codec
from writeback.envelope.answers import FACTS
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import JOBS, CheckFactor, JobStatus
from writeback.envelope.secret import Secret

KINDS: list[type] = [*JOBS.values(), *FACTS.values()]
STATUS = {0: "corp", 1: "en", 2: bytes(16), 3: False}

# Texts as CBOR can carry them, and whole numbers as far as it has them without a tag.
st.register_type_strategy(Secret, st.builds(Secret, st.text()))
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))

NOT_A_STATUS: dict[str, bytes] = {
    "nothing": b"",
    "no CBOR": b"\xff",
    "trailing bytes": cbor2.dumps(STATUS) + b"\x00",
    "a key twice": b"\xa5" + cbor2.dumps(STATUS)[1:] + b"\x03\xf4",
    "an indefinite map": b"\xbf" + cbor2.dumps(STATUS)[1:] + b"\xff",
    "an indefinite text": b"\xa4\x00\x7f\x64corp\xff" + cbor2.dumps(STATUS)[7:],
    "a depth of 1,000": b"\x81" * 1000 + b"\x00",
    "keys in another order": b"\xa4\x01\x62en\x00\x64corp\x02\x50" + bytes(16) + b"\x03\xf4",
    "a longer form of a key": b"\xa4\x18\x00" + cbor2.dumps(STATUS)[2:],
    "a missing field": cbor2.dumps({0: "corp", 1: "en", 2: bytes(16)}),
    "an unknown field": cbor2.dumps({**STATUS, 4: 1}),
    "a name for a key": cbor2.dumps({0: "corp", 1: "en", 2: bytes(16), "close": False}),
    "True for the key 1": b"\xa4\x00\x64corp\xf5\x62en\x02\x50" + bytes(16) + b"\x03\xf4",
    "1 for True": cbor2.dumps({**STATUS, 3: 1}),
    "a text for bytes": cbor2.dumps({**STATUS, 2: "0" * 16}),
    "bytes for a text": cbor2.dumps({**STATUS, 0: b"corp"}),
    "a list": cbor2.dumps(list(STATUS.values())),
    "a float": cbor2.dumps({**STATUS, 3: 0.0}),
    "a tag": b"\xc1\x00",
    "itself inside itself": b"\xd8\x1c\x81\xd8\x1d\x00",
    "a long length and little else": b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a text that is not UTF-8": b"\xa4\x00\x64\xff\xff\xff\xff" + cbor2.dumps(STATUS)[6:],
}


@pytest.mark.parametrize("data", NOT_A_STATUS.values(), ids=NOT_A_STATUS.keys())
def test_anything_but_the_one_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(EnvelopeError) as caught:
        codec.decode(JobStatus, data)
    assert caught.value.fault is Fault.MALFORMED
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("data", [b"\xa2\x18\x00\x05\x01\x06", b"\xa2\x01\x06\x00\x05"])
def test_values_that_were_packed_another_way_are_refused(data: bytes) -> None:
    assert codec.unpack(codec.pack(5, 6), 2) == [5, 6]
    with pytest.raises(EnvelopeError) as caught:
        codec.unpack(data, 2)
    assert caught.value.fault is Fault.MALFORMED


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**200])
def test_numbers_have_64_bits_at_most(number: int) -> None:
    with pytest.raises(EnvelopeError):
        codec.from_plain(int, number)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back_the_same(kind: type, data: Any) -> None:
    value = data.draw(st.from_type(kind))
    encoded = codec.encode(value)
    assert codec.decode(kind, encoded) == value
    assert codec.encode(codec.decode(kind, encoded)) == encoded


@settings(max_examples=50, deadline=None)
@given(junk=st.binary(max_size=200))
def test_junk_is_refused_and_nothing_else_happens(junk: bytes) -> None:
    for kind in KINDS:
        with pytest.raises(EnvelopeError):
            codec.decode(kind, junk)


@pytest.mark.parametrize("job", examples.JOBS, ids=lambda job: type(job).__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_no_changed_byte_reads_as_the_same_job(job: object, data: Any) -> None:
    encoded = bytearray(codec.encode(job))
    place = data.draw(st.integers(0, len(encoded) - 1))
    encoded[place] ^= data.draw(st.integers(1, 255))
    assert _read(type(job), bytes(encoded)) != job


def _read(kind: type, data: bytes) -> object:
    try:
        return codec.decode(kind, data)
    except EnvelopeError:
        return None


def test_a_lone_surrogate_is_refused_when_it_is_written() -> None:
    job = CheckFactor(site="main", attempt=bytes(16), factor=bytes(16), code=Secret("\ud800"))
    with pytest.raises(EnvelopeError):
        codec.encode(job)
