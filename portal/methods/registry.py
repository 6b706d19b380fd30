"""All methods, strongest first. Adding one is its folder and one line here."""

from portal.methods.backup_codes.method import METHOD as BACKUP_CODES
from portal.methods.email.method import METHOD as EMAIL
from portal.methods.method import Method
from portal.methods.totp.method import METHOD as TOTP
from writeback.envelope.jobs import Method as Kind

METHODS: dict[Kind, Method] = {method.kind: method for method in (TOTP, BACKUP_CODES, EMAIL)}
