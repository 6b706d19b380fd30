"""All methods, strongest first; a new one needs a folder of its own and a line here."""

from portal.methods.backup_codes.page import METHOD as BACKUP_CODES
from portal.methods.email.page import METHOD as EMAIL
from portal.methods.page import MethodPage
from portal.methods.totp.page import METHOD as TOTP
from writeback.envelope.methods import MethodKind

METHODS: dict[MethodKind, MethodPage] = {method.kind: method for method in (TOTP, BACKUP_CODES, EMAIL)}
