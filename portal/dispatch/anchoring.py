"""The audit's end, shown to the sites: who changes the database can't take back what they have seen."""

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
    """What came of showing a site where the audit ends.

    Args:
        site: its name.
        outcome: DONE; REFUSED if the audit is not what it has seen; anything else if it could not be asked;
            None where no answer came.
        number: of the newest event that it has seen.
    """

    site: str
    outcome: Outcome | None
    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Ends:
    """The ends of the audit that the sites have seen, and the names of the sites that could not be asked."""

    seen: tuple[Seen, ...]
    silent: tuple[str, ...]


def show_audit() -> list[ShownAudit]:
    """Show every site where the audit ends now, keep what it signs, and tell where it has seen another."""
    return [_show(site) for site in Site.objects.filter(enabled=True)]


def collect_ends() -> Ends:
    """Ask the sites for the newest end that they have seen, and add those of the receipts they signed."""
    seen: list[Seen] = []
    silent: list[str] = []
    for site in Site.objects.filter(enabled=True):
        seen += _list_signed_receipts(site)
        anchored, _ = _ask(site, AnchorAudit(directory=site.directories[0]))
        if anchored is None:
            silent.append(site.name)
        elif anchored.number:
            seen.append(_make_seen(site, anchored))
    return Ends(seen=tuple(seen), silent=tuple(silent))


def _show(site: Site) -> ShownAudit:
    directory = site.directories[0]
    known, outcome = _ask(site, AnchorAudit(directory=directory))
    for _attempt in range(2):
        if known is None or outcome not in (Outcome.DONE, Outcome.REFUSED):
            break
        number, digest = end_of_chain()
        since = known.number
        job = AnchorAudit(
            directory=directory,
            number=number,
            hash=_parse_hash(digest),
            since=since,
            since_hash=_parse_hash(hash_of(since)),
        )
        known, outcome = _ask(site, job)
        if known is None or outcome is Outcome.DONE or known.number == since:
            break  # else another process of this portal was quicker, and showed a later end
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
    """Return what a site has seen, if its answer says so and is signed; and the outcome."""
    answer = ask(job, wait=4.0).answer
    facts = answer.facts if answer else None
    holds = isinstance(facts, Anchored) and (not facts.number or _is_signed(site, facts))
    known = facts if isinstance(facts, Anchored) and holds else None
    return known, answer.outcome if answer else None


def _parse_hash(digest: str) -> bytes:
    """Return a hash out of the database; nothing where somebody has put there what is none."""
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
    """Return the receipts that hold: those of a key that was pinned earlier can't be checked any more."""
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
    told = {"anchored": anchored.number, "anchored_at": timezone.now(), "misfit": {}}
    Site.objects.filter(pk=site.pk).update(**told)


@transaction.atomic
def _record_misfit(site: Site, anchored: Anchored) -> None:
    """Record that the audit is not what the site has seen of it; once, however often it is shown."""
    locked = Site.objects.select_for_update().get(pk=site.pk)
    if locked.misfit:
        return
    number, _ = end_of_chain()
    misfit = {"ends": number, "seen": anchored.number, "since": int(time.time())}
    Site.objects.filter(pk=site.pk).update(misfit=misfit)
    record("audit.not-as-seen", site=site.name, ends=number, seen=anchored.number, hash=anchored.hash.hex())
