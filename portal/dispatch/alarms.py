"""What of the heartbeats goes into the audit: everything that they say and must not."""

from django.db import transaction

from portal.audit.flows import record
from portal.dispatch.models import Site
from portal.dispatch.queries import liveness
from portal.dispatch.rules import Finding


def tell_findings() -> None:
    """Record in the audit what heartbeats say and must not; once, however many processes see it."""
    seen = liveness()
    found = seen.findings()
    if found == seen.told:
        return
    for site in {each.site for each in found | seen.told}:
        _keep_findings(site, sorted(each for each in found if each.site == site))
    seen.told = found


def _keep_findings(name: str, found: list[Finding]) -> None:
    with transaction.atomic():
        site = Site.objects.select_for_update().filter(name=name).first()
        if site is None:
            return
        new = [each for each in found if each.told not in site.findings]
        Site.objects.filter(pk=site.pk).update(findings=[each.told for each in found])
        for each in new:
            record("site.alarm", site=name, worker=each.worker, what=each.what.value, detail=each.detail)
