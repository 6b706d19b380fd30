"""Records events and receipts."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.audit.models import Event, Head, Receipt
from portal.audit.rules import Fact
from writeback.envelope.names import canonical


def record(event: str, *, reference: str = "", **facts: Fact) -> Event:
    """Append one event.

    Args:
        event: what happened, dotted: "attempt.begun".
        reference: the attempt's reference for the helpdesk; empty outside attempts.
        facts: further facts; never a secret, and never text that a stranger typed.
    """
    with transaction.atomic(savepoint=False):  # joins the caller's transaction, if there is one
        head, _ = Head.objects.select_for_update().get_or_create(pk=1)
        entry = Event(
            number=head.number + 1,
            at=timezone.now().astimezone(UTC),
            event=event,
            reference=reference,
            facts=facts,
            previous=head.hash,
        )
        entry.hash = entry.right_hash()
        entry.save(force_insert=True)
        Head.objects.filter(pk=1).update(number=entry.number, hash=entry.hash)
    return entry


def keep_receipt(*, site: str, number: int, digest: str, at: datetime, signature: bytes) -> None:
    """Store a site's signed statement that it has seen the end of the chain.

    Args:
        site: its name.
        number: number of the last event.
        digest: hash of that event, in hex.
        at: the time by the clock of the site's worker.
        signature: the signature by the site's key.
    """
    values = {"hash": digest, "at": at, "signature": signature}
    Receipt.objects.update_or_create(site=site, number=number, defaults=values)


def thin_receipts() -> int:
    """Delete all receipts of earlier days but the last of each day; return how many were deleted."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    earlier = Receipt.objects.filter(at__lt=today)
    days = earlier.values("site", day=TruncDate("at", tzinfo=UTC)).annotate(last=Max("number"))
    kept = {(row["site"], row["last"]) for row in days}
    old = earlier.values_list("pk", "site", "number")
    gone = [pk for pk, site, number in old if (site, number) not in kept]
    for start in range(0, len(gone), 500):
        Receipt.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(gone)


def pseudonym(name: str) -> str:
    """Return a pseudonym for a typed name in events; the name may be a password typed by mistake."""
    plain = canonical(" ".join(name.split()), domains=()).key
    return salted_hmac("portal.audit.pseudonym", plain, algorithm="sha256").hexdigest()[:12]


def account_name(name: str) -> str:
    r"""Return the one form in which somebody who has proven who they are is named in events.

    Only the worker knows which domains are the directory's. It serves nobody under a foreign DOMAIN\name, so
    the part before the name says nothing after proof.
    """
    return canonical(name, domains=()).key.rpartition("\\")[2].rstrip(".")
