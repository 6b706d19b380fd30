"""The finding about the expiry of a certificate."""

from writeback.envelope.findings import Finding, failure, ok, warning

WARN_DAYS, FAIL_DAYS = 30, 7
_DAY = 24 * 3600


def check_expiry(check: str, whose: str, left: float, mend: str) -> Finding:
    """Return the finding that says when a certificate expires: 30 days before a warning, then a failure.

    Args:
        check: name of the check.
        whose: the certificate, as the subject of a sentence.
        left: seconds until it expires; negative if it has expired.
        mend: what to do before it expires.
    """
    days = int(left // _DAY)
    if days < 0:
        return failure(check, f"{whose} has expired", mend)
    says = f"{whose} expires in {days} day{'' if days == 1 else 's'}"
    if days < FAIL_DAYS:
        return failure(check, says, mend)
    return warning(check, says, mend) if days < WARN_DAYS else ok(check, says)
