"""Makes local admins, and records their sign-ins."""

import secrets
from collections.abc import Mapping

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from portal.audit.flows import pseudonym, record
from portal.people.models import Account
from portal.staff.models import AdminDevice
from portal.staff.sealing import seal_seed
from portal.throttle.counts import take
from portal.throttle.rates import Rate
from portal.web import client

REFUSALS_RECORDED = Rate(60, 600)
"""How many refused sign-ins to the admin are recorded, from all places together."""


def create_admin(*, username: str, password: str, seed: str = "") -> AdminDevice:
    """Make a local superuser with a password and a TOTP seed; works without any worker.

    Args:
        username: the name for the sign-in.
        password: at least 15 characters, and not a common one.
        seed: 20 bytes in hex for the TOTP device; empty for a random one.

    Raises:
        ValidationError: the name is taken or out of bounds, the password is too weak, or the seed is not
            20 bytes.
    """
    account = Account(username=username, name=username)
    account.full_clean(exclude=["password"])
    validate_password(password, account)
    key = seed or secrets.token_hex(20)
    if len(key) != 40 or not all(digit in "0123456789abcdef" for digit in key):
        raise ValidationError("The TOTP seed must be 20 bytes in hex.")
    with transaction.atomic():
        made = Account.objects.create_local(username, password)
        device: AdminDevice = AdminDevice.objects.create(
            user=made, name="admin", key=seal_seed(bytes.fromhex(key)), tolerance=1
        )
        record("admin.created", account=username)
    return device


def record_sign_in(sender: object, request: HttpRequest, user: Account, **_: object) -> None:
    """Record that an admin has signed in; a receiver of Django's signal."""
    record("admin.signed-in", account=user.username, network=client.network(request))


def record_sign_out(sender: object, request: HttpRequest, user: Account | None, **_: object) -> None:
    """Record that an admin has signed out; if they were not signed in any more, nothing is recorded."""
    if user is not None:
        record("admin.signed-out", account=user.username, network=client.network(request))


def record_refused_sign_in(
    sender: object, credentials: Mapping[str, str], request: HttpRequest | None = None, **_: object
) -> None:
    """Record a wrong name or password, with a pseudonym: the name may be a password typed by mistake.

    Their number is limited, because a flood would fill the audit. Sign-ins that the throttle turned away are
    not recorded here.
    """
    if take("admin-refused", "all", rates=[REFUSALS_RECORDED]):
        return
    where = client.network(request) if request else client.UNKNOWN
    record("admin.refused", name=pseudonym(credentials.get("username", "")), network=where)


def record_throttled_sign_in(request: HttpRequest, *, name: str, why: str) -> None:
    """Record that a sign-in to the admin was not checked, once in ten minutes for each name and reason.

    Args:
        request: the request of the browser.
        name: the name as typed; it is recorded in clear only if there is such an admin.
        why: "account", "network" or "code".
    """
    if take("admin-throttled", f"{why}:{name.casefold()}", rates=[Rate(1, 600)]):
        return
    if take("admin-throttled", "all", rates=[REFUSALS_RECORDED]):
        return
    known = Account.objects.filter(username=name, guid="").exists()
    who = {"account": name} if known else {"name": pseudonym(name)}
    record("admin.throttled", network=client.network(request), why=why, **who)


def record_refused_code(request: HttpRequest, *, user: Account) -> None:
    """Record a right password with a wrong code: a typing mistake, or a stolen password."""
    record("admin.code-refused", account=user.username, network=client.network(request))
