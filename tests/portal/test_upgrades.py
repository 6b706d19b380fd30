"""What an earlier version kept in another app is found again after an upgrade."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from django.utils import timezone
from django_otp.oath import totp

from portal.dispatch.models import JobRecord
from portal.gates.models import Attempt
from portal.methods.models import Factor
from portal.people.models import Account
from portal.selfservice.background import read_last_run, record_run
from portal.selfservice.models import BackgroundWork
from portal.staff.models import AdminDevice
from portal.staff.sealing import seal_seed
from portal.throttle.counts import take, wait_of
from portal.throttle.models import Throttle
from portal.throttle.rates import Rate

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("web", "0003_chore"), ("people", "0002_signed_out"), ("methods", "0001_initial")]


def upgrade() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def earlier() -> Iterator[StateApps]:
    """The models of a version in which devices and counters were kept in portal.web; upgraded in the end."""
    MigrationExecutor(connection).migrate(BEFORE)
    yield MigrationExecutor(connection).loader.project_state(BEFORE).apps
    upgrade()


def test_device_of_an_admin_keeps_its_row_and_its_seed(earlier: StateApps) -> None:
    account = Account.objects.create_local("erin", "A-long-pass-phrase-77")
    seed = bytes(range(20))
    made = earlier.get_model("web", "AdminDevice").objects.create(
        user_id=account.pk, name="admin", key=seal_seed(seed), tolerance=1
    )
    upgrade()
    found = AdminDevice.objects.get()
    assert (found.pk, found.bin_key) == (made.pk, seed)
    assert found.verify_token(totp(seed))


def test_counters_keep_their_rows_and_still_count(earlier: StateApps) -> None:
    rate = Rate(1, 600)
    assert take("bucket", "key", rates=[rate]) == 0
    kept = earlier.get_model("web", "Throttle").objects.get()
    upgrade()
    assert Throttle.objects.get().pk == kept.pk
    assert wait_of("bucket", "key", rates=[rate]) > 0


def test_time_of_the_background_work_is_kept_and_goes_on(earlier: StateApps) -> None:
    rows = earlier.get_model("web", "Chore").objects
    done_at = rows.create(name="tick").done_at
    upgrade()
    assert read_last_run() == done_at
    record_run()
    assert BackgroundWork.objects.get().done_at > done_at


def test_titles_of_methods_that_were_kept_as_labels_are_forgotten(earlier: StateApps) -> None:
    account = Account.objects.create_local("erin", "A-long-pass-phrase-77")
    rows = earlier.get_model("methods", "Factor").objects
    rows.create(user_id=account.pk, factor_id="ab" * 16, kind="totp", name="Authenticator app")
    rows.create(user_id=account.pk, factor_id="cd" * 16, kind="totp", name="Work phone")
    upgrade()
    assert list(Factor.objects.order_by("factor_id").values_list("name", flat=True)) == ["", "Work phone"]


def test_attempts_and_jobs_get_the_site_of_their_directory() -> None:
    before = [("gates", "0006_plain_names"), ("dispatch", "0004_troubles")]
    MigrationExecutor(connection).migrate(before)
    apps = MigrationExecutor(connection).loader.project_state(before).apps
    now = timezone.now()
    apps.get_model("dispatch", "Site").objects.create(name="main", identity=b"k" * 32, directories=["corp"])
    apps.get_model("dispatch", "JobRecord").objects.create(
        jti="ab" * 16, op="ResetPassword", directory="corp", reference="R", sent_at=now, expires_at=now
    )
    apps.get_model("gates", "Attempt").objects.create(
        remote_id="cd" * 16,
        directory="corp",
        operation="reset",
        methods_needed=2,
        families_needed=2,
        expires=now,
    )
    upgrade()
    assert (JobRecord.objects.get().site, Attempt.objects.get().site) == ("main", "main")
