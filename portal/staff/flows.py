"""Making local admins, and recording how they sign in."""

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
"""Of sign-ins to the admin, from wherever they come."""


def create_admin(*, username: str, password: str, seed: str = "") -> AdminDevice:
    """Make a local superuser with a password and a TOTP seed of their own; works without any worker.

    Args:
        username: what they sign in with.
        password: at least 15 characters, and not a common one.
        seed: 20 bytes in hex for the TOTP device; a fresh one is drawn where it is empty.

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
    """Record that an admin has signed in; a receiver of a signal, like those below."""
    record("admin.signed-in", account=user.username, network=client.network(request))


def record_sign_out(sender: object, request: HttpRequest, user: Account | None, **_: object) -> None:
    """Record that an admin has signed out; who was not signed in any more leaves no trace."""
    if user is not None:
        record("admin.signed-out", account=user.username, network=client.network(request))


def record_refused_sign_in(
    sender: object, credentials: Mapping[str, str], request: HttpRequest | None = None, **_: object
) -> None:
    """Record a name and a password that do not belong together; the name may be a mistyped password.

    Of a flood only so many are recorded, or it would fill the audit; what the sign-in's own throttle turned
    away is not recorded at all.
    """
    if take("admin-refused", "all", rates=[REFUSALS_RECORDED]):
        return
    where = client.network(request) if request else client.UNKNOWN
    record("admin.refused", name=pseudonym(credentials.get("username", "")), network=where)


def record_throttled_sign_in(request: HttpRequest, *, name: str, why: str) -> None:
    """Record that a sign-in to the admin was not looked at, once in ten minutes for each name and reason.

    Args:
        request: of the browser that tried.
        name: as typed; it is recorded in clear only where there is such an admin.
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
    """Record that somebody knows an admin's password and not the code: a slip, or worth an alarm."""
    record("admin.code-refused", account=user.username, network=client.network(request))
