"""Backup codes on paper: ten codes of 65 bits, each valid once, kept as peppered Argon2id digests."""

import hmac
import os
import secrets
from threading import BoundedSemaphore

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import Connection, select, update

from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import BACKUP_ALPHABET, read_code
from writeback.ports import Channel
from writeback.proof.context import RegisterContext
from writeback.proof.factor import Factor, seal_secret, unseal_secret
from writeback.proof.factor_kind import Made, Trial
from writeback.state.tables import factors

_CODES = 10
_LENGTH = CODE_LENGTH[MethodKind.BACKUP_CODES]
_SALT = 16
_DIGEST = 32
_AT_ONCE = BoundedSemaphore(2)  # one digest takes 19 MiB


class BackupCodes:
    """A sheet of backup codes.

    All codes of a sheet share one salt, so a typed code is digested once and compared with every unused one.
    Nobody can guess 65 bits, so wrong codes never make the sheet rest: its owner can always use it.
    """

    method = MethodKind.BACKUP_CODES
    guessable = False
    channel: Channel | None = None

    def make(self, context: RegisterContext, /) -> Made:
        salt = os.urandom(_SALT)
        codes = ["".join(secrets.choice(BACKUP_ALPHABET) for _ in range(_LENGTH)) for _ in range(_CODES)]
        secret = salt + b"".join(_digest(context, salt, code) for code in codes)
        return Made(secret=secret, shown=tuple(Secret(f"{c[:4]}-{c[4:8]}-{c[8:]}") for c in codes))

    def make_dummy(self, seed: bytes, /) -> bytes:
        return seed[:_SALT] + seed * _CODES

    def begin_try(self, _tx: Connection, _trial: Trial, /) -> bool:
        return True

    def compute_evidence(self, trial: Trial, typed: str, /) -> bytes:
        code = read_code(self.method, typed)
        digest = _digest(trial.context, trial.factor.secret[:_SALT], code)
        return digest if code else b""

    def accept(self, tx: Connection, trial: Trial, evidence: bytes, /) -> bool:
        context, factor = trial.context, trial.factor
        now = tx.execute(select(factors.c.secret).where(factors.c.id == factor.id)).scalar_one_or_none()
        secret = unseal_secret(factor.owner, factor.id, now, context.keys) if now else factor.secret
        used = [digest for digest in _digests(secret) if hmac.compare_digest(digest, evidence)]
        if not now or not used:
            return False
        rest = secret[:_SALT] + b"".join(digest for digest in _digests(secret) if digest not in used)
        sealed = seal_secret(factor, rest, context.keys)
        tx.execute(update(factors).where(factors.c.id == factor.id).values(secret=sealed))
        return True

    def is_used_up(self, _tx: Connection, _trial: Trial, /) -> bool:
        return False

    def count_left(self, factor: Factor, /) -> int:
        return len(_digests(factor.secret))


def _digests(secret: bytes) -> list[bytes]:
    return [secret[at : at + _DIGEST] for at in range(_SALT, len(secret), _DIGEST)]


def _digest(context: RegisterContext, salt: bytes, code: str) -> bytes:
    """Digest a code with Argon2id (RFC 9106) at OWASP's minimum cost; the pepper is not in the state."""
    peppered = context.keys.digest("backup-code", salt, code.encode("ascii"))
    with _AT_ONCE:
        return hash_secret_raw(
            peppered, salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=_DIGEST, type=Type.ID
        )
