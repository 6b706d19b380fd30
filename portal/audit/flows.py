"""The one verb: record."""

from datetime import UTC

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.audit.models import Event, Head
from portal.audit.rules import Fact


def record(event: str, *, reference: str = "", **facts: Fact) -> Event:
    """Append one event.

    Args:
        event: what happened, dotted: "attempt.begun".
        reference: the attempt's, as read out to the helpdesk; empty outside attempts.
        facts: never a secret, and never what a stranger typed.
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


def pseudonym(name: str) -> str:
    """Return what stands in events for a name that anybody may have typed, perhaps a password by mistake."""
    plain = " ".join(name.split()).casefold()
    return salted_hmac("portal.audit.pseudonym", plain, algorithm="sha256").hexdigest()[:12]
