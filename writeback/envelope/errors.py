"""The faults of sealed bytes: a code and a key id, never what was in them."""

from enum import StrEnum


class Fault(StrEnum):
    """The reason why bytes could not be sealed or opened."""

    SIZE = "size"  # not one of the two sizes on the wire
    VERSION = "version"
    SUITE = "suite"
    SIGNER = "signer"  # signed by a key that is not pinned
    SIGNATURE = "signature"
    CLOCK = "clock"  # issued in the future, or valid for longer than a job may be
    EXPIRED = "expired"
    REKEY = "rekey"  # sealed for a key that is gone
    SEALED = "sealed"  # the outer box can't be decrypted
    MALFORMED = "malformed"  # not the only valid encoding of a value
    PASSWORD_BOX = "password-box"  # noqa: S105  # the inner box can't be decrypted, or is of another job
    PASSWORD = "password"  # noqa: S105  # can't be carried: NUL, lone surrogate, more than 128 UTF-16 units
    TOO_LARGE = "too-large"
    WEAK_KEY = "weak-key"  # a public key that nothing may be sealed to
    OTHER_JOB = "other-job"  # the answer to another job


class EnvelopeError(Exception):
    """Sealed bytes that were refused.

    Args:
        fault: the reason.
        key_id: 8-byte id of the key that the bytes named, if it helps to find the fault; else empty.
    """

    def __init__(self, fault: Fault, key_id: bytes = b"") -> None:
        super().__init__(f"{fault} {key_id.hex()}".rstrip())
        self.fault = fault
        self.key_id = key_id
