"""The doctor's check of the audit: the end of its chain."""

from collections.abc import Iterator

from portal.audit.queries import verify_end
from writeback.envelope.findings import Finding, failure, ok


def audit_checks() -> Iterator[Finding]:
    """Verify the newest events; `verify_audit` verifies all of them and asks the sites."""
    verdict = verify_end()
    if verdict.broken_at:
        yield failure("audit.chain", verdict.why.removesuffix("."), "keyback-manage verify_audit")
    else:
        yield ok("audit.chain", f"the newest {verdict.events} events of the audit are unbroken")
