"""The kinds of factors, strongest first. A new kind is its file and one line here."""

from collections.abc import Mapping

from writeback.envelope.jobs import Method
from writeback.proof.backup_codes import BackupCodes
from writeback.proof.email import Email
from writeback.proof.kind import Kind
from writeback.proof.totp import Totp

KINDS: Mapping[Method, Kind] = {kind.method: kind for kind in (Totp(), Email(), BackupCodes())}
