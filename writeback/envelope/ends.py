"""When a certificate ends, as a finding: 30 days ahead a warning, 7 days ahead a failure."""

from writeback.envelope.findings import Finding, failure, ok, warning

WARN_DAYS, FAIL_DAYS = 30, 7
_DAY = 24 * 3600


def certificate(check: str, whose: str, left: float, mend: str) -> Finding:
    """Return when a certificate ends: 30 days ahead a warning, 7 days ahead a failure.

    Args:
        check: its name.
        whose: the certificate, as the subject of a sentence.
        left: seconds until it ends; negative if it has ended.
        mend: what is to be done before that.
    """
    days = int(left // _DAY)
    if days < 0:
        return failure(check, f"{whose} has ended", mend)
    says = f"{whose} ends in {days} day{'' if days == 1 else 's'}"
    if days < FAIL_DAYS:
        return failure(check, says, mend)
    return warning(check, says, mend) if days < WARN_DAYS else ok(check, says)
