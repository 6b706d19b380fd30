"""What can be wrong with sealed bytes: a code and a key id, never a payload."""

from enum import StrEnum


class Fault(StrEnum):
    """Why bytes could not be sealed or opened."""

    SIZE = "size"  # not one of the two sizes on the wire
    VERSION = "version"
    SUITE = "suite"
    SIGNER = "signer"  # signed by a key that is not pinned
    SIGNATURE = "signature"
    CLOCK = "clock"  # made in the future, or for longer than a job may live
    EXPIRED = "expired"
    REKEY = "rekey"  # sealed for a key that is gone
    SEALED = "sealed"  # the outer box does not open
    MALFORMED = "malformed"  # not the one encoding of what it should be
    PASSWORD_BOX = "password-box"  # noqa: S105  # the inner box does not open, or belongs to another job
    PASSWORD = "password"  # noqa: S105  # can't be carried: NUL, lone surrogate, more than 128 UTF-16 units
    TOO_LARGE = "too-large"
    WEAK_KEY = "weak-key"  # a public key that nothing may be sealed to
    OTHER_JOB = "other-job"  # an answer to something else


class EnvelopeError(Exception):
    """Sealed bytes that were refused.

    Args:
        fault: the reason.
        key_id: 8 bytes of the key that was named, where that helps to find the fault; else empty.
    """

    def __init__(self, fault: Fault, key_id: bytes = b"") -> None:
        super().__init__(f"{fault} {key_id.hex()}".rstrip())
        self.fault = fault
        self.key_id = key_id
