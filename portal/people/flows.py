"""Remembers people from the worker's answers, and ends their sign-ins."""

from datetime import datetime

from django.db.models import Q

from portal.audit.flows import account_name, record
from portal.people.models import Account
from portal.people.rules import username_of


def end_sign_ins(account: Account, *, until: datetime) -> bool:
    """End the sign-ins of a person in all browsers, except later ones; False if they were ended already.

    Args:
        account: the person's account.
        until: when the password was set or the account unlocked.
    """
    mine = Account.objects.filter(pk=account.pk)
    earlier = mine.filter(Q(signed_out__isnull=True) | Q(signed_out__lt=until))
    return bool(earlier.update(signed_out=until))


def remember(*, directory: str, guid: bytes, name: str, display_name: str) -> Account:
    """Create or update the mirror of a directory account, and return it.

    Args:
        directory: its id.
        guid: objectGUID, 16 bytes as AD stores them.
        name: sAMAccountName.
        display_name: what to call the person.
    """
    anchor = guid.hex()
    account, made = Account.objects.update_or_create(
        directory=directory,
        guid=anchor,
        defaults={"name": name[:256], "display_name": display_name[:256]},
        create_defaults={
            "username": username_of(directory, anchor),
            "name": name[:256],
            "display_name": display_name[:256],
            "password": "!",
        },
    )
    if made:
        record("person.first-seen", account=account_name(account.name), guid=anchor)
    return account
