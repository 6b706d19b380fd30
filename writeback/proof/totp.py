"""Codes of an authenticator app (RFC 6238): SHA-1, six digits, one step of tolerance, each valid once."""

import base64
import os

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, update

from writeback.envelope.methods import CODE_LENGTH, TOTP_STEP, MethodKind
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import read_code
from writeback.ports import Channel
from writeback.proof.context import RegisterContext
from writeback.proof.factor import Factor
from writeback.proof.factor_kind import Made, Trial
from writeback.state.tables import factors

_DIGITS = CODE_LENGTH[MethodKind.TOTP]
_SEED = 20  # bytes; RFC 4226 §4 recommends 160 bits


class Totp:
    """An authenticator app."""

    method = MethodKind.TOTP
    guessable = True
    channel: Channel | None = None

    def make(self, _context: RegisterContext, /) -> Made:
        seed = os.urandom(_SEED)
        return Made(secret=seed, shown=(Secret(base64.b32encode(seed).decode("ascii")),))

    def make_dummy(self, seed: bytes, /) -> bytes:
        return seed[:_SEED]

    def begin_try(self, _tx: Connection, _trial: Trial, /) -> bool:
        return True

    def compute_evidence(self, trial: Trial, typed: str, /) -> bytes:
        """Return the number of the code's time step; all three are computed, so that time reveals nothing."""
        code = read_code(self.method, typed).encode("ascii").rjust(_DIGITS, b" ")
        totp = TOTP(trial.factor.secret, _DIGITS, SHA1(), TOTP_STEP)  # noqa: S303  # RFC 6238's default, what apps know
        now = int(trial.context.now()) // TOTP_STEP
        right = [step for step in (now - 1, now, now + 1) if bytes_eq(totp.generate(step * TOTP_STEP), code)]
        return right[-1].to_bytes(8, "big") if right else b""

    def accept(self, tx: Connection, trial: Trial, evidence: bytes, /) -> bool:
        """Burn this step and all earlier ones, in all attempts (RFC 6238 §5.2: a code is accepted once)."""
        step = int.from_bytes(evidence, "big")
        unburnt = update(factors).where(factors.c.id == trial.factor.id, factors.c.last_step < step)
        return tx.execute(unburnt.values(last_step=step)).rowcount == 1

    def is_used_up(self, _tx: Connection, _trial: Trial, /) -> bool:
        return False

    def count_left(self, _factor: Factor, /) -> int:
        return 0
