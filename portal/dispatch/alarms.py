"""Records in the audit what heartbeats say although they must not."""

from django.db import transaction

from portal.audit.flows import record
from portal.dispatch.models import Site
from portal.dispatch.rules import Finding
from portal.dispatch.workers import known_workers


def record_findings() -> None:
    """Record each new finding about heartbeats in the audit, once even if several processes see it."""
    workers = known_workers()
    found = workers.liveness.findings()
    if found == workers.recorded:
        return
    for site in {each.site for each in found | workers.recorded}:
        _record_new(site, sorted(each for each in found if each.site == site))
    workers.recorded = found


def _record_new(name: str, found: list[Finding]) -> None:
    with transaction.atomic():
        site = Site.objects.select_for_update().filter(name=name).first()
        if site is None:
            return
        new = [each for each in found if each.line not in site.findings]
        Site.objects.filter(pk=site.pk).update(findings=[each.line for each in found])
        for each in new:
            record("site.alarm", site=name, worker=each.worker, what=each.what.value, detail=each.detail)
