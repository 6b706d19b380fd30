"""AnchorAudit: keep where the portal's audit ends, and sign what was kept."""

from writeback.envelope.anchors import HASH_SIZE, Anchored, anchor_body
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import AnchorAudit
from writeback.envelope.keyring import ANCHOR_LABEL
from writeback.handlers.common import record, record_answer
from writeback.ports import Anchor, Fit, Head, Request, Site


def handle(request: Request[AnchorAudit], site: Site) -> Answer:
    """Compare the portal's head with the kept one, REFUSED if they don't fit; return the newest kept one."""
    job = request.job
    head, since = _read_head(job.number, job.hash), _read_head(job.since, job.since_hash, may_be_gone=True)
    if head is None or since is None:
        last = site.anchors.last()
        if last and job.since == last.head.number:
            # Somebody may have damaged the audit's end so that it can't be read; that must set off the alarm.
            _report_broken(request, site, job, last)
            return Answer(outcome=Outcome.REFUSED, facts=_facts(site, last))
        return record_answer(
            site, "portal.audit-refused", request, Answer(outcome=Outcome.REFUSED), why="malformed"
        )
    if not head.number and not since.number:
        return Answer(outcome=Outcome.DONE, facts=_facts(site, site.anchors.last()))
    shown = site.anchors.advance(head, since=since)
    if shown.is_new:
        record(site, "portal.audit-anchored", request.jti, number=head.number, hash=head.hash.hex())
    if shown.fit is Fit.BROKEN:
        _report_broken(request, site, job, shown.anchor)
    outcome = Outcome.DONE if shown.fit is Fit.KEPT else Outcome.REFUSED
    return Answer(outcome=outcome, facts=_facts(site, shown.anchor))


def _report_broken(request: Request[AnchorAudit], site: Site, job: AnchorAudit, last: Anchor | None) -> None:
    known = last.head if last else Head()
    record(
        site,
        "portal.audit-broken",
        request.jti,
        ends_at=job.number,
        known=known.number,
        known_hash=known.hash.hex(),
        shown_hash=job.since_hash[:HASH_SIZE].hex(),
    )
    site.note_broken_audit()


def _read_head(number: int, digest: bytes, *, may_be_gone: bool = False) -> Head | None:
    """Return the head of this number and hash, or None if they can't be one.

    With `may_be_gone`, an empty hash is valid too: the portal has no event of that number any more.
    """
    sizes = {HASH_SIZE, 0} if may_be_gone else {HASH_SIZE}
    if number < 0 or len(digest) not in (sizes if number else {0}):
        return None
    return Head(number=number, hash=digest)


def _facts(site: Site, anchor: Anchor | None) -> Anchored:
    if anchor is None:
        return Anchored(number=0, hash=b"", at=0, signature=b"")
    body = anchor_body(number=anchor.head.number, digest=anchor.head.hash, at=anchor.at, state=site.state_id)
    return Anchored(
        number=anchor.head.number,
        hash=anchor.head.hash,
        at=anchor.at,
        signature=site.sign(ANCHOR_LABEL, body),
    )
