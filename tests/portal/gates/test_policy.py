"""The policy in the admin, bounded by the worker's ceiling."""

import pytest
from django.contrib.admin import site
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.flows import record
from portal.audit.models import Event
from portal.dispatch.models import JobRecord
from portal.gates.models import Attempt, Policy
from portal.people.models import Account
from tests.fakes.directory import DOMAIN
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin
from tests.portal.walk import Browser, register

pytestmark = pytest.mark.slow

FIELDS = {
    "reset_scope": "all",
    "groups": "",
    "methods": ["totp", "email", "backup_codes"],
    "reset_gates": 2,
    "unlock_on": "on",
    "unlock_gates": 1,
}
PAGE = "/admin/gates/policy/1/change/"


@pytest.fixture
def admin(worker: FakeWorker) -> Client:
    """An admin's browser, at a policy that is there."""
    Policy.objects.create(pk=1, reset_gates=3, unlock_gates=2)
    return sign_in_as_admin()


def save(admin: Client, **changes: object) -> int:
    return admin.post(PAGE, {**FIELDS, **changes}).status_code


def test_a_policy_within_the_ceiling_is_saved_and_recorded(admin: Client) -> None:
    assert save(admin) == 302
    assert Policy.objects.get().reset_gates == 2
    assert Event.objects.filter(event="policy.changed", facts__account="erin").count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"reset_gates": 1},
        {"reset_gates": 0},
        {"unlock_gates": 0},
        {"reset_gates": 4},
        {"reset_gates": -1},
        {"reset_gates": "two"},
        {"methods": ["totp"]},
        {"methods": []},
        {"methods": ["totp", "palm"]},
        {"reset_scope": "selected"},
        {"reset_scope": "everything"},
        {"groups": "a\0b", "reset_scope": "selected"},
        {"groups": "CN=x\n" * 441, "reset_scope": "selected"},
    ],
)
def test_a_looser_or_invalid_policy_is_not_saved(admin: Client, changes: dict[str, object]) -> None:
    assert save(admin, **changes) == 200
    assert Policy.objects.get().reset_gates == 3


def test_a_mistyped_group_that_would_match_nobody_is_refused(admin: Client) -> None:
    fields = {**FIELDS, "reset_scope": "selected", "groups": "CN=IT,DC=corp\nCN=Staff,OU Groups,DC=corp"}
    page = admin.post(PAGE, fields)
    assert page.status_code == 200
    assert "“CN=Staff,OU Groups,DC=corp” is not a distinguished name" in page.content.decode()
    assert b"Name at least one group" not in page.content


def test_with_no_worker_it_can_be_made_stricter_and_not_looser(admin: Client) -> None:
    the_box().disconnect()
    assert save(admin) == 200
    assert save(admin, reset_gates=3, unlock_gates=2, reset_scope="none") == 302
    assert Policy.objects.get().reset_scope == "none"


def test_the_first_page_of_the_policy_is_the_policy(admin: Client) -> None:
    assert admin.get("/admin/gates/policy/", follow=True).status_code == 200


@pytest.mark.parametrize("page", ["audit/event", "people/account", "gates/attempt", "methods/factor"])
def test_records_are_read_only(admin: Client, page: str) -> None:
    assert admin.get(f"/admin/{page}/add/").status_code in {403, 404}
    if page != "methods/factor":
        assert admin.get(f"/admin/{page}/").status_code == 200


def test_events_are_found_by_the_name_that_was_typed(admin: Client, browser: Browser) -> None:
    browser.get("/reset/").send({"name": "Someone.Typed"})
    found = admin.get("/admin/audit/event/", {"q": "someone.typed"})
    reference = Attempt.objects.get().reference.encode()
    assert reference in found.content
    assert b"Someone.Typed" not in found.content
    assert reference not in admin.get("/admin/audit/event/", {"q": "other"}).content


REFERRED = [
    model for model in site._registry if "reference" in {field.name for field in model._meta.get_fields()}
]


@pytest.mark.parametrize("model", REFERRED, ids=str)
def test_a_reference_is_found_however_it_was_noted_down(
    admin: Client, browser: Browser, worker: FakeWorker, model: type[Model]
) -> None:
    browser.get("/reset/").send({"name": "somebody"})
    reference, now = "OIBL-2XHD", timezone.now()
    Attempt.objects.update(reference=reference)
    JobRecord.objects.create(jti="0" * 32, reference=reference, sent_at=now, expires_at=now)
    record("attempt.begun", reference=reference)
    page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")

    def found(typed: str) -> int:
        return int(admin.get(page, {"q": typed}).context["cl"].result_count)

    for typed in (reference, "oibl2xhd", " OIBL 2XHD ", "01b1-2xhd", "O18I-2XHD"):
        assert found(typed) == 1, typed
    assert (found("OIBL-2XHE"), found("OIBL")) == (0, 0)


def test_an_attempt_is_found_by_its_account_after_a_proof(
    admin: Client, browser: Browser, worker: FakeWorker
) -> None:
    page = "/admin/gates/attempt/"
    browser.get("/reset/").send({"name": "alice"})
    typed = Attempt.objects.get().reference
    assert typed not in admin.get(page, {"q": "alice"}).content.decode()
    worker.corp.add("alice")
    register(browser, worker)
    found = admin.get(page, {"q": "ALICE"}).content.decode()
    assert Attempt.objects.get(operation="register").reference in found
    assert typed not in found


def test_typed_script_is_shown_as_text_in_the_admin(admin: Client) -> None:
    Account.objects.create(
        username="x@corp",
        directory="corp",
        guid="00" * 16,
        name="<script>alert(1)</script>",
        display_name="=cmd|",
    )
    assert b"<script>alert" not in admin.get("/admin/people/account/").content


def test_the_lists_tell_times_to_the_second_with_their_zone_and_facts_as_lines(
    admin: Client, browser: Browser, worker: FakeWorker
) -> None:
    worker.corp.add("alice")
    register(browser, worker)
    begun = Event.objects.filter(event="factor.proven").latest("number")
    told = f"{begun.at:%Y-%m-%d %H:%M:%S} UTC"
    events = admin.get("/admin/audit/event/").content.decode()
    assert told in events
    assert "method: email<br>outcome: done" in events
    page = admin.get(f"/admin/audit/event/{begun.pk}/change/").content.decode()
    assert told in page
    assert page.count("method: email<br>outcome: done") == 1
    assert "{&quot;" not in page
    attempts = admin.get("/admin/gates/attempt/").content.decode()
    assert all(part in attempts for part in ("register", "main", "alice", "Mail"))
    attempt = Attempt.objects.get()
    assert f"{attempt.started:%Y-%m-%d %H:%M:%S} UTC" in attempts
    page = admin.get(f"/admin/gates/attempt/{attempt.pk}/change/").content.decode()
    assert f"{attempt.expires:%Y-%m-%d %H:%M:%S} UTC" in page


def test_the_list_says_over_for_an_open_attempt_that_was_ended(
    admin: Client, worker: FakeWorker, browser: Browser
) -> None:
    browser.get("/reset/").send({"name": "alice"})
    page = "/admin/gates/attempt/"
    assert '<td class="field-shown_state">open</td>' in admin.get(page).content.decode()
    Attempt.objects.update(expires=timezone.now())
    assert '<td class="field-shown_state">over</td>' in admin.get(page).content.decode()


def test_the_door_to_the_admin_asks_for_a_user_name(worker: FakeWorker) -> None:
    page = Client().get("/admin/login/").content.decode()
    assert "User name:" in page
    assert "Identifier" not in page


def test_nobody_may_reset_when_the_scope_is_nobody(worker: FakeWorker, browser: Browser) -> None:
    Policy.objects.create(pk=1, reset_scope=Policy.Scope.NONE)
    assert browser.get("/reset/").status == 503
    assert browser.send({"name": "alice"}).status == 503
    assert "switched this off" in browser.get("/").text


def test_selected_groups_without_a_group_mean_nobody(worker: FakeWorker, browser: Browser) -> None:
    Policy.objects.create(pk=1, reset_scope=Policy.Scope.SELECTED)
    assert browser.get("/reset/").status == 503


def test_selected_groups_are_asked_of_the_worker_and_others_see_no_difference(
    worker: FakeWorker, browser: Browser
) -> None:
    group = "CN=reset,OU=Groups,DC=corp,DC=example"
    worker.corp.groups[group] = f"{DOMAIN}-5001"
    worker.corp.add("outside")
    Policy.objects.create(pk=1, reset_scope=Policy.Scope.SELECTED, groups=group)
    browser.get("/reset/").send({"name": "outside"})
    assert browser.url.endswith("/prove/")
    verdicts = [facts.get("verdict") for event, _, facts in worker.audit.events if event == "attempt.opened"]
    assert verdicts == ["out-of-scope"]


def test_as_many_groups_as_can_be_saved_fit_into_a_job_beside_the_longest_name(
    admin: Client, browser: Browser
) -> None:
    groups = "\n".join(["CN=g,DC=corp,DC=example"] * 91)
    assert save(admin, reset_scope="selected", groups=groups, anyway="on") == 302
    browser.get("/reset/").send({"name": "\N{GRINNING FACE}" * 256})
    assert browser.url.endswith("/prove/")
