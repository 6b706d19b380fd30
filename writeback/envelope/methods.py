"""The kinds of proof, for both sides of the border."""

from collections.abc import Mapping
from enum import StrEnum


class MethodKind(StrEnum):
    """A kind of proof."""

    EMAIL = "email"
    TOTP = "totp"
    BACKUP_CODES = "backup_codes"


class MethodFamily(StrEnum):
    """The thing that a method depends on; whoever takes it has every method of this family."""

    PHONE = "phone"
    MAILBOX = "mailbox"
    PAPER = "paper"


FAMILY_OF: Mapping[MethodKind, MethodFamily] = {
    MethodKind.TOTP: MethodFamily.PHONE,
    MethodKind.EMAIL: MethodFamily.MAILBOX,
    MethodKind.BACKUP_CODES: MethodFamily.PAPER,
}

CODE_LENGTH: Mapping[MethodKind, int] = {
    MethodKind.TOTP: 6,
    MethodKind.EMAIL: 8,
    MethodKind.BACKUP_CODES: 13,
}
"""How many characters a code of each kind has; digits, except for backup codes."""

TOTP_STEP = 30
"""Seconds after which an authenticator app shows another code."""
