"""What an earlier version kept elsewhere is found again after an upgrade."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_otp.oath import totp

from portal.people.models import Account
from portal.staff.models import AdminDevice
from portal.staff.sealing import seal_seed

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(*to: tuple[str, str]) -> MigrationExecutor:
    MigrationExecutor(connection).migrate(list(to))
    return MigrationExecutor(connection)


def test_the_device_of_an_admin_stays_with_its_seed() -> None:
    account = Account.objects.create_local("erin", "A-long-pass-phrase-77")
    seed = bytes(range(20))
    before = migrate(("staff", None), ("web", "0003_chore"))  # type: ignore[arg-type]  # None: before the first
    old = before.loader.project_state([("web", "0003_chore"), ("people", "0002_signed_out")]).apps
    made = old.get_model("web", "AdminDevice").objects.create(
        user_id=account.pk, name="admin", key=seal_seed(seed), tolerance=1
    )
    after = MigrationExecutor(connection)
    after.migrate(after.loader.graph.leaf_nodes())
    found = AdminDevice.objects.get()
    assert (found.pk, found.bin_key) == (made.pk, seed)
    assert found.verify_token(totp(seed))
