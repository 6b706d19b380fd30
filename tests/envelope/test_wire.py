"""Header, time and padding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.envelope.keys import NOW
from writeback.envelope import wire
from writeback.envelope.errors import EnvelopeError, Fault


def header(*, issued: int = NOW, life: int = 120) -> wire.Header:
    return wire.Header(
        prekey=b"p" * 8,
        rsa=b"r" * 8,
        signer=b"s" * 8,
        jti=b"j" * 16,
        issued=issued,
        expires=issued + life,
        reply=b"k" * 32,
    )


def test_the_header_has_90_bytes_and_is_read_as_it_was_written() -> None:
    head = header().pack()
    assert len(head) == wire.HEADER_SIZE == 90
    assert wire.split_job(head.ljust(1024, b"\0")).header == header()


@pytest.mark.parametrize("size", [0, 1, 89, 90, 154, 1023, 1025, 4095, 4097, 100_000])
def test_only_two_sizes_are_read(size: int) -> None:
    with pytest.raises(EnvelopeError) as caught:
        wire.split_job(header().pack().ljust(size, b"\0")[:size])
    assert caught.value.fault is Fault.SIZE


@pytest.mark.parametrize(
    ("first", "fault"),
    [
        (b"\x00\x01", Fault.VERSION),
        (b"\x02\x01", Fault.VERSION),
        (b"\xff\x01", Fault.VERSION),
        (b"\x01\x00", Fault.SUITE),
        (b"\x01\x02", Fault.SUITE),
        (b"\x01\xff", Fault.SUITE),
    ],
)
def test_there_is_no_fallback_to_another_version_or_suite(first: bytes, fault: Fault) -> None:
    blob = first + header().pack().ljust(1024, b"\0")[2:]
    with pytest.raises(EnvelopeError) as caught:
        wire.split_job(blob)
    assert caught.value.fault is fault


def fault_at(now: float, *, life: int = 120) -> Fault | None:
    try:
        wire.check_time(header(life=life), now=now)
    except EnvelopeError as error:
        return error.fault
    return None


@pytest.mark.parametrize("now", [NOW - 60, NOW, NOW + 60, NOW + 119.9])
def test_a_job_in_time_is_taken_with_a_skew_of_a_minute(now: float) -> None:
    assert fault_at(now) is None


@pytest.mark.parametrize(
    ("life", "now", "fault"),
    [
        (120, NOW - 61, Fault.CLOCK),
        (120, NOW - 100_000, Fault.CLOCK),
        (121, NOW, Fault.CLOCK),
        (119, NOW, Fault.CLOCK),
        (100_000, NOW, Fault.CLOCK),
        (-120, NOW, Fault.CLOCK),
        (120, NOW + 120, Fault.EXPIRED),
        (120, NOW + 100_000, Fault.EXPIRED),
    ],
)
def test_a_job_out_of_time_is_refused(life: int, now: float, fault: Fault) -> None:
    assert fault_at(now, life=life) is fault


@given(data=st.binary(max_size=3892))
def test_padding_is_undone_and_knows_two_sizes_only(data: bytes) -> None:
    padded = wire.pad(data, overhead=202, sizes=wire.JOB_SIZES)
    assert len(padded) + 202 in wire.JOB_SIZES
    assert wire.unpad(padded) == data


@pytest.mark.parametrize(("length", "size"), [(0, 1024), (820, 1024), (821, 4096), (3892, 4096)])
def test_the_smallest_size_that_holds_it_is_taken(length: int, size: int) -> None:
    assert len(wire.pad(bytes(length), overhead=202, sizes=wire.JOB_SIZES)) + 202 == size


def test_a_package_that_is_too_large_is_refused() -> None:
    with pytest.raises(EnvelopeError) as caught:
        wire.pad(bytes(3893), overhead=202, sizes=wire.JOB_SIZES)
    assert caught.value.fault is Fault.TOO_LARGE


@pytest.mark.parametrize(
    "padded", [b"", b"\x00", b"\x00\x01", b"\xff\xff" + bytes(820), b"\x00\x01a" + b"\x01"]
)
def test_padding_is_zeros_and_nothing_else(padded: bytes) -> None:
    with pytest.raises(EnvelopeError) as caught:
        wire.unpad(padded)
    assert caught.value.fault is Fault.MALFORMED
