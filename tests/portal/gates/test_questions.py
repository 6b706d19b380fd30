"""What administrators ask a worker: whether a policy's groups let anybody in, and what a person would get."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.audit.models import Event
from portal.gates.models import Policy
from portal.people.models import Account
from tests.fakes.directory import DOMAIN
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin
from tests.portal.gates.test_policy import FIELDS, PAGE

pytestmark = pytest.mark.slow

STAFF, LIST, GONE = (f"CN={name},OU=Groups,DC=corp,DC=example" for name in ("staff", "list", "gone"))
SELECTED = {**FIELDS, "reset_scope": "selected"}
TRY = "/admin/gates/policy/try/"


@pytest.fixture
def admin(worker: FakeWorker) -> Client:
    """An admin's browser; the directory has a security group with one person, and a distribution group."""
    Policy.objects.create(pk=1)
    worker.corp.groups |= {STAFF: f"{DOMAIN}-5001", LIST: f"{DOMAIN}-5002"}
    worker.corp.for_mail.add(LIST)
    bob = worker.corp.add("bob")
    worker.corp.change_account(bob.guid, sids=bob.sids | {f"{DOMAIN}-5001"})
    return sign_in_as_admin()


def save(admin: Client, *groups: str, **fields: object) -> tuple[int, str]:
    response = admin.post(PAGE, {**SELECTED, "groups": "\n".join(groups), **fields}, follow=True)
    return len(response.redirect_chain), unescape(response.content.decode())


def ask_about(admin: Client, name: str) -> str:
    return unescape(admin.post(TRY, {"name": name}).content.decode())


def test_the_policy_s_page_has_a_short_trail_and_no_tick_without_a_warning(admin: Client) -> None:
    page = unescape(admin.get("/admin/gates/policy/1/change/").content.decode())
    assert "Save these groups all the same" not in page
    trail = page.partition('<div class="breadcrumbs">')[2].partition("</div>")[0]
    assert re.sub(r"<[^>]+>", "", trail).split()[::2] == ["Home", "Policy"]


def test_a_security_group_is_saved_with_the_number_of_its_people(admin: Client) -> None:
    redirects, page = save(admin, STAFF)
    assert redirects
    assert f"“{STAFF}” is a security group with 1 person in it." in page
    assert Policy.objects.get().group_list() == (STAFF,)


@pytest.mark.parametrize(
    ("group", "why"),
    [(GONE, "doesn't exist in the directory"), (LIST, "is a distribution group, which lets nobody in")],
)
def test_a_group_that_lets_nobody_in_is_not_saved_without_a_tick(admin: Client, group: str, why: str) -> None:
    redirects, page = save(admin, STAFF, group)
    assert not redirects
    assert f"“{group}” {why}" in page
    assert "Save these groups all the same" in page
    assert Policy.objects.get().reset_scope == "all"
    redirects, page = save(admin, STAFF, group, anyway="on")
    assert redirects
    assert f"“{group}” {why}" in page
    assert Policy.objects.get().group_list() == (STAFF, group)
    (changed,) = Event.objects.filter(event="policy.changed")
    assert "anyway" in str(changed.facts["fields"])


def test_groups_that_no_worker_can_check_are_saved_with_a_tick(admin: Client) -> None:
    the_box().disconnect()
    redirects, page = save(admin, STAFF)
    assert not redirects
    assert "The groups could not be looked at:" in page
    assert save(admin, STAFF, anyway="on")[0]
    assert Policy.objects.get().group_list() == (STAFF,)


def test_a_worker_whose_ceiling_forbids_the_question_is_named_as_the_reason(
    admin: Client, worker: FakeWorker
) -> None:
    worker.site.allowed = ("Begin", "Health", "JobStatus")
    assert "[operations] allow of its writeback.toml leaves it out" in save(admin, STAFF)[1]
    assert "[operations] allow of its writeback.toml leaves it out" in ask_about(admin, "bob")


def test_a_group_that_is_named_twice_is_asked_about_once(admin: Client, worker: FakeWorker) -> None:
    assert save(admin, *[STAFF] * 20)[0]
    assert [facts["groups"] for facts in worker.audit.of("groups.checked")] == [1]


def test_more_groups_than_may_be_asked_about_in_an_hour_are_saved_with_a_tick(admin: Client) -> None:
    many = [f"CN=g{number},DC=corp,DC=example" for number in range(61)]
    redirects, page = save(admin, *many)
    assert not redirects
    assert "Wait 60 minutes." in page
    assert save(admin, *many, anyway="on")[0]


def test_groups_that_are_saved_already_are_not_asked_about_again(admin: Client, worker: FakeWorker) -> None:
    assert save(admin, STAFF)[0]
    assert save(admin, STAFF, unlock_on="")[0]
    assert save(admin, GONE, reset_scope="all")[0]
    assert len(worker.audit.of("groups.checked")) == 1


def test_an_administrator_sees_what_a_person_would_get(admin: Client, worker: FakeWorker) -> None:
    save(admin, STAFF, GONE, anyway="on")
    page = ask_about(admin, "bob")
    for said in (
        "This person is served.",
        f"“{STAFF}”: they are in it.",
        f"“{GONE}” lets nobody in",
        "Reset: open, after 2 of: Authenticator app, Mail, Backup codes.",
        "Unlock: open, after 1 of: Authenticator app, Mail, Backup codes (Mail not alone).",
        "Change: open, after their old password.",
        "Registration: open, after their work password.",
    ):
        assert said in page, said
    worker.corp.add("carol")
    page = ask_about(admin, "carol")
    assert "is in none of the selected groups" in page
    assert f"“{STAFF}”: they are not in it." in page
    assert "Reset: not for them." in page


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"disabled": True}, "Reset: closed, because the account is disabled."),
        ({"smart_card": True}, "Change: closed, because the account signs in with a smart card."),
        ({"admin_count": True}, "This account is protected"),
        ({"dn": "CN=dan,OU=Outside,DC=corp,DC=example"}, "This account is not served"),
    ],
)
def test_the_reason_that_keeps_a_person_out_is_shown(
    admin: Client, worker: FakeWorker, state: dict[str, object], said: str
) -> None:
    dan = worker.corp.add("dan")
    worker.corp.change_account(dan.guid, **state)
    assert said in ask_about(admin, "dan")


def test_an_unknown_and_an_invalid_name_are_answered(admin: Client) -> None:
    assert "Nobody has that account name, UPN or mail address." in ask_about(admin, "nobody")
    assert "Type your user name." in ask_about(admin, "")
    page = admin.post(TRY, {"name": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_each_question_is_in_both_audits_without_the_name(admin: Client, worker: FakeWorker) -> None:
    ask_about(admin, "Some.Body")
    (event,) = Event.objects.filter(event="person.tried")
    assert (event.facts["account"], event.facts["outcome"]) == ("erin", "done")
    assert "some.body" not in str(event.facts).casefold()
    assert [facts["verdict"] for facts in worker.audit.of("person.explained")] == ["unknown-name"]


@pytest.mark.parametrize("may", ["", "view_policy"])
@pytest.mark.parametrize("page", [PAGE, PAGE.replace("/1/", "/999/"), "/admin/gates/policy/add/"])
def test_staff_without_the_right_to_change_the_policy_ask_no_worker(
    admin: Client, may: str, page: str
) -> None:
    Account.objects.update(is_superuser=False, is_staff=True)
    if may:
        Account.objects.get().user_permissions.add(Permission.objects.get(codename=may))
    asked = len(the_box().sent)
    assert admin.post(page, {**SELECTED, "groups": STAFF}).status_code in {302, 403}
    assert len(the_box().sent) == asked
    assert Policy.objects.get().reset_scope == "all"


def test_a_missing_policy_asks_no_worker(admin: Client) -> None:
    asked = len(the_box().sent)
    admin.post(PAGE.replace("/1/", "/999/"), {**SELECTED, "groups": STAFF})
    assert len(the_box().sent) == asked


def test_only_an_administrator_may_ask(admin: Client, worker: FakeWorker) -> None:
    assert Client().post(TRY, {"name": "bob"}).status_code == 302
    assert not worker.audit.of("person.explained")
    assert TRY in admin.get(PAGE).content.decode()
