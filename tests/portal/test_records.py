"""A record names itself in one line, for the admin's pages and for logs, and shows no whole key."""

from datetime import UTC, datetime

import pytest
from django.db.models import Model

from portal.audit.models import Head, Receipt
from portal.dispatch.models import JobRecord
from portal.gates.models import Offer
from portal.methods.models import Factor
from portal.selfservice.models import BackgroundWork
from portal.throttle.models import Familiar, Lock, Share, Spent, Throttle

KEY = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (Receipt(site="main", number=7, hash=KEY), "main 7 01234567"),
        (Head(number=7, hash=KEY), "7 01234567"),
        (JobRecord(op="ResetPassword", reference="KB-1"), "ResetPassword KB-1"),
        (Offer(kind="totp", handle=KEY), "totp 01234567"),
        (Factor(kind="totp", factor_id=KEY), "totp 01234567"),
        (Throttle(bucket="starts", key=KEY), "starts 01234567"),
        (Share(level="browser", key=KEY), "browser 01234567"),
        (Familiar(key=KEY), "01234567"),
        (Spent(nonce=KEY), "01234567"),
        (Lock(failures=3, key=KEY), "3 01234567"),
        (
            BackgroundWork(name="tick", done_at=datetime(2026, 11, 30, 22, 0, tzinfo=UTC)),
            "tick 2026-11-30 22:00",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Model) else "",
)
def test_a_record_names_itself_without_its_whole_key(record: Model, name: str) -> None:
    assert str(record) == name
