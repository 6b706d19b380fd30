"""Begin: open an attempt for whoever says a name; the answer never tells if there is such a person."""

from collections.abc import Sequence

from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Begin, Operation
from writeback.handlers.common import tell, told
from writeback.handlers.finding import meant_by
from writeback.ports import Directory, DirectoryAway, Request, Site


def handle(request: Request[Begin], site: Site) -> Answer:
    """Find the account, judge it, and open an attempt or a decoy."""
    job = request.job
    if job.operation is Operation.REGISTER:
        return told(site, "attempt.refused", request, Answer(outcome=Outcome.REFUSED))
    groups, missing = _sids(site, job.directory, job.only_groups)
    meant = meant_by(job.name, site, job.directory)
    account, verdict = meant.account, meant.verdict
    if account and job.only_groups and groups.isdisjoint(account.sids):
        account, verdict = None, Outcome.OUT_OF_SCOPE.value
    opened = site.register.open(
        directory=job.directory, operation=job.operation, name=meant.name, account=account, chain=job.chain
    )
    meant.report(site, opened.attempt)
    tell(
        site,
        "attempt.opened",
        opened.attempt,
        operation=job.operation.value,
        directory=job.directory,
        account=meant.guid,
        verdict=verdict,
        **({"missing_group": missing[0]} if missing else {}),
    )
    return Answer(outcome=Outcome.DONE, facts=opened)


def _sids(site: Site, directory: str, dns: Sequence[str]) -> tuple[frozenset[str], Sequence[str]]:
    """Return the SIDs of a policy's groups, and the DNs that can't be resolved: those have no members.

    A group may lie in another directory of the site: SIDs are global.
    """
    own_first = sorted(site.directories, key=lambda name: name != directory)
    found: set[str] = set()
    missing: list[str] = []
    for dn in dns:
        known = next((sids for name in own_first if (sids := _resolved(site.directories[name], dn))), None)
        found |= known or frozenset()
        missing += [] if known else [dn]
    return frozenset(found), missing


def _resolved(directory: Directory, dn: str) -> frozenset[str]:
    try:
        return directory.group_sids([dn])
    except (LookupError, DirectoryAway):
        return frozenset()
