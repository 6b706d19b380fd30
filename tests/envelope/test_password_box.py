"""A box of passwords that is refused shows by nothing why it was."""

import gc
import sys
from contextlib import suppress
from dataclasses import replace
from types import FrameType

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from tests.envelope import examples
from tests.envelope.keys import NOW, PORTAL, keyring
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.jobs import ResetPassword
from writeback.envelope.sealing import OpenedJob, authenticate, open_package, seal_job
from writeback.envelope.secret import Secret


def work_of(opened: OpenedJob) -> list[str]:
    """Return the names of all that is called, in Python and in libraries, until the passwords are refused."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_qualname)
        elif event == "c_call":
            calls.append(getattr(argument, "__qualname__", ""))

    gc.disable()  # else what others have left is called too, whenever it is collected
    sys.setprofile(note)
    try:
        with suppress(EnvelopeError):
            opened.passwords()
    finally:
        sys.setprofile(None)
        gc.enable()
    return calls


@pytest.mark.parametrize("what", ["the label", "the wrapped key", "the length of the key"])
def test_box_of_another_job_takes_the_same_work_as_a_tampered_box(what: str) -> None:
    keys = keyring()
    job = ResetPassword(site="main", attempt=examples.ATTEMPT)
    sealed_job = seal_job(job, passwords=[Secret("new")], to=keys.recipient(), signer=PORTAL, now=NOW)
    opened = open_package(authenticate(sealed_job.blob, keys.portal), keys)
    assert opened.box is not None
    size = opened.rsa.key_size // 8
    wrapped, sealed = opened.box[:size], opened.box[size:]
    tampered = replace(opened, box=wrapped + sealed[:-1] + bytes([sealed[-1] ^ 1]))
    label = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=opened.context)
    refused = {
        "the label": replace(opened, context=b"other" * 6 + b"!!"),
        "the wrapped key": replace(opened, box=bytes([wrapped[0] ^ 1]) + wrapped[1:] + sealed),
        "the length of the key": replace(
            opened, box=opened.rsa.public_key().encrypt(b"short", label) + sealed
        ),
    }[what]
    for box in (tampered, refused):
        with pytest.raises(EnvelopeError) as caught:
            replace(box).passwords()
        assert caught.value.fault is Fault.PASSWORD_BOX
    assert work_of(replace(refused)) == work_of(replace(tampered))
