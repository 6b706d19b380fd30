"""The kinds of factors, strongest first; a new kind needs a file of its own and one line here."""

from collections.abc import Mapping

from writeback.envelope.methods import MethodKind
from writeback.proof.backup_codes import BackupCodes
from writeback.proof.email import Email
from writeback.proof.factor_kind import FactorKind
from writeback.proof.totp import Totp

KINDS: Mapping[MethodKind, FactorKind] = {kind.method: kind for kind in (Totp(), Email(), BackupCodes())}
