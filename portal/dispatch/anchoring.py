"""Shows the end of the audit to the sites.

Whoever changes the portal's database can't change what the sites have seen before.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from portal.audit.flows import keep_receipt, record
from portal.audit.queries import Seen, end_of_chain, hash_of, receipts
from portal.dispatch.flows import ask
from portal.dispatch.models import Site
from writeback.envelope.anchors import Anchored, is_anchored
from writeback.envelope.answers import Outcome
from writeback.envelope.jobs import AnchorAudit


@dataclass(frozen=True, kw_only=True)
class ShownAudit:
    """The result of showing the end of the audit to one site.

    Args:
        site: name of the site.
        outcome: DONE; REFUSED if the audit differs from what the site has seen; another outcome if the site
            could not be asked; None if no answer came.
        number: number of the newest event that the site has seen.
    """

    site: str
    outcome: Outcome | None
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Ends:
    """What the sites have seen of the audit.

    Args:
        seen: the ends of the chain that they have seen.
        silent: names of the sites that could not be asked.
    """

    seen: tuple[Seen, ...]
    silent: tuple[str, ...]


def show_audit() -> list[ShownAudit]:
    """Show the current end of the audit to every site.

    Each site signs a receipt, which is kept. If a site has seen another audit, that is recorded.
    """
    return [_show(site) for site in Site.objects.filter(enabled=True)]


def collect_ends() -> Ends:
    """Return the newest end that each site has seen, and the ends in the receipts that the sites signed."""
    seen: list[Seen] = []
    silent: list[str] = []
    for site in Site.objects.filter(enabled=True):
        seen += _list_signed_receipts(site)
        anchored, _ = _ask(site, AnchorAudit(site=site.name))
        if anchored is None:
            silent.append(site.name)
        elif anchored.number:
            seen.append(_make_seen(site, anchored))
    return Ends(seen=tuple(seen), silent=tuple(silent))


def _show(site: Site) -> ShownAudit:
    known, outcome = _ask(site, AnchorAudit(site=site.name))
    for _attempt in range(2):
        if known is None or outcome not in (Outcome.DONE, Outcome.REFUSED):
            break
        number, digest = end_of_chain()
        since = known.number
        job = AnchorAudit(
            site=site.name,
            number=number,
            hash=_parse_hash(digest),
            since=since,
            since_hash=_parse_hash(hash_of(since)),
        )
        known, outcome = _ask(site, job)
        if known is None or outcome is Outcome.DONE or known.number == since:
            break  # otherwise another process has shown a later end meanwhile: try once more
    if known is None:
        return ShownAudit(
            site=site.name, outcome=None if outcome in (Outcome.DONE, Outcome.REFUSED) else outcome
        )
    if outcome is Outcome.DONE:
        _save_end(site, known)
    elif outcome is Outcome.REFUSED:
        _record_misfit(site, known)
    return ShownAudit(site=site.name, outcome=outcome, number=known.number)


def _ask(site: Site, job: AnchorAudit) -> tuple[Anchored | None, Outcome | None]:
    """Return what a site has seen, and the outcome.

    What it has seen is None unless the answer says it and the site has signed it.
    """
    answer = ask(job, wait=4.0).answer
    facts = answer.facts if answer else None
    holds = isinstance(facts, Anchored) and (not facts.number or _is_signed(site, facts))
    known = facts if isinstance(facts, Anchored) and holds else None
    return known, answer.outcome if answer else None


def _parse_hash(digest: str) -> bytes:
    """Return a hash from the database as bytes; empty if somebody has replaced it with something else."""
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return b""


def _is_signed(site: Site, anchored: Anchored) -> bool:
    return is_anchored(anchored, by=site.key, state=bytes.fromhex(site.state))


def _make_seen(site: Site, anchored: Anchored) -> Seen:
    at = datetime.fromtimestamp(anchored.at, UTC)
    return Seen(site=site.name, at=at, number=anchored.number, hash=anchored.hash.hex())


def _list_signed_receipts(site: Site) -> list[Seen]:
    """Return the receipts whose signature holds; a receipt from an earlier key can't be checked any more."""
    kept = [
        Anchored(
            number=each.number,
            hash=_parse_hash(each.hash),
            at=int(each.at.timestamp()),
            signature=bytes(each.signature),
        )
        for each in receipts(site.name)
    ]
    return [_make_seen(site, each) for each in kept if _is_signed(site, each)]


@transaction.atomic
def _save_end(site: Site, anchored: Anchored) -> None:
    if anchored.number:
        seen = _make_seen(site, anchored)
        keep_receipt(
            site=site.name,
            number=seen.number,
            digest=seen.hash,
            at=seen.at,
            signature=anchored.signature,
        )
    values = {"anchored": anchored.number, "anchored_at": timezone.now(), "misfit": {}}
    Site.objects.filter(pk=site.pk).update(**values)


@transaction.atomic
def _record_misfit(site: Site, anchored: Anchored) -> None:
    """Record once that the audit differs from what the site has seen."""
    locked = Site.objects.select_for_update().get(pk=site.pk)
    if locked.misfit:
        return
    number, _ = end_of_chain()
    misfit = {"ends": number, "seen": anchored.number, "since": int(time.time())}
    Site.objects.filter(pk=site.pk).update(misfit=misfit)
    record("audit.not-as-seen", site=site.name, ends=number, seen=anchored.number, hash=anchored.hash.hex())
