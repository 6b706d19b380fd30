"""Change with the old password, which also serves passwords that must be changed or have expired."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from portal.audit.models import Event
from portal.dispatch.outcomes import SENTENCES
from portal.gates.models import Policy
from portal.throttle.models import Familiar
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import NEW, OLD, Browser
from writeback.envelope.answers import Outcome

pytestmark = pytest.mark.slow

FIELDS = {"name": "bob", "current": OLD, "new": NEW, "confirm": NEW}


@pytest.fixture
def bob(worker: FakeWorker) -> Person:
    return worker.corp.people[worker.corp.add("bob").guid]


def test_the_old_password_is_proof_enough(browser: Browser, bob: Person) -> None:
    browser.get("/change/").send(FIELDS)
    assert "Your new password is set." in browser.text
    assert "Step 4 of 4" not in browser.text
    assert bob.password == NEW


def test_the_audit_names_only_a_person_who_proved_it(browser: Browser, bob: Person) -> None:
    browser.get("/change/").send({**FIELDS, "current": "wrong"})
    assert not [event for event in Event.objects.all() if "account" in event.facts]
    browser.get("/change/").send(FIELDS)
    named = [event.facts["account"] for event in Event.objects.all() if "account" in event.facts]
    assert named == ["bob"]


def test_a_wrong_old_password_and_an_unknown_name_read_the_same(browser: Browser, bob: Person) -> None:
    wrong = browser.get("/change/").send({**FIELDS, "current": "wrong"})
    first = wrong.status, wrong.complaint()
    unknown = browser.get("/change/").send({**FIELDS, "name": "nobody"})
    assert (unknown.status, unknown.complaint()) == first == (422, str(SENTENCES[Outcome.WRONG_PASSWORD]))
    assert bob.password == OLD


def test_a_refused_new_password_names_its_rule_and_the_name_stays(browser: Browser, bob: Person) -> None:
    browser.get("/change/").send({**FIELDS, "new": "Short-1", "confirm": "Short-1"})
    assert "Use at least 8 characters. This one has 7." in browser.text
    assert 'value="bob"' in browser.text
    assert OLD not in browser.text


def test_good_passwords_of_a_form_that_comes_back_are_asked_for_again(browser: Browser, bob: Person) -> None:
    again = "Type it again: passwords don&#x27;t stay on this page."

    def hints() -> list[str]:
        found = re.findall(r'id="id_(\w+)_hint">([^<]*)<', browser.text)
        return [field for field, hint in found if hint == again]

    assert again not in browser.get("/change/").text
    browser.send({**FIELDS, "new": "Short-1", "confirm": "Short-1"})
    assert hints() == ["current", "confirm"]
    browser.send({**FIELDS, "confirm": "other"})
    assert hints() == ["current", "new"]
    browser.get("/register/sign-in/").send({"name": "", "password": OLD})
    assert hints() == ["password"]


def test_after_a_refusal_the_rules_of_this_person_are_shown(
    worker: FakeWorker, browser: Browser, bob: Person
) -> None:
    assert "At least 8 characters" in browser.get("/change/").text
    worker.corp.rules = replace(worker.corp.rules, min_length=14)
    assert "At least 8 characters" in browser.get("/change/").text
    browser.send({**FIELDS, "new": "Short-1", "confirm": "Short-1"})
    assert "Use at least 14 characters. This one has 7." in browser.text
    assert "At least 14 characters" in browser.text
    assert "At least 8 characters" not in browser.text


def test_before_sign_in_the_rules_are_those_of_most_people(
    worker: FakeWorker, browser: Browser, bob: Person
) -> None:
    shown = " ".join(browser.get("/change/").text.split())
    assert "For most people a new password needs:" in shown
    assert "Yours may need more. If it does, we say so when you save it." in shown
    assert 'data-rule="min-length"' in shown
    assert "data-names" not in shown  # nobody's name is known yet: the page can't tell who has it in theirs
    worker.corp.rules = replace(worker.corp.rules, min_length=14)
    hers = " ".join(browser.send({**FIELDS, "new": "Short-1", "confirm": "Short-1"}).text.split())
    assert "Your new password needs:" in hers
    assert "most people" not in hers


def test_without_a_worker_the_change_shows_no_empty_rules_and_changes_nothing(
    browser: Browser, bob: Person
) -> None:
    the_box().holds = True
    page = browser.get("/change/")
    assert 'class="rules-box' not in page.text
    assert 'aria-describedby="rules"' not in page.text
    page.send(FIELDS)
    assert "Nothing was changed." in page.text
    assert 'class="rules-box' not in page.text
    assert bob.password == OLD


@pytest.mark.parametrize("current", [OLD, "wrong"])
@pytest.mark.parametrize("name", ["locked", "bob", "nobody"])
def test_a_refused_change_links_to_the_unlock_for_everybody(
    worker: FakeWorker, browser: Browser, bob: Person, name: str, current: str
) -> None:
    worker.corp.add("locked", locked=True)
    browser.get("/change/").send({**FIELDS, "name": name, "current": current})
    if (name, current) == ("bob", OLD):
        assert browser.url.startswith("/result/")
        return
    assert "Is your account locked?" in browser.text
    assert 'href="/unlock/">Unlock my account' in browser.text
    shown = browser.text.replace(f'value="{name}"', "")
    other = browser.send({**FIELDS, "name": "nobody-else", "current": current}).text
    assert _plain(shown) == _plain(other.replace('value="nobody-else"', ""))


def test_without_unlock_a_locked_person_is_led_to_the_reset(
    worker: FakeWorker, browser: Browser, bob: Person
) -> None:
    Policy.objects.create(pk=1, unlock_on=False)
    browser.get("/change/").send({**FIELDS, "current": "wrong"})
    assert 'href="/reset/">Reset my password' in browser.text
    assert "/unlock/" not in browser.text


def test_the_page_mentions_no_locked_account_before_a_refusal(browser: Browser, bob: Person) -> None:
    assert "locked" not in browser.get("/change/").text
    assert "locked" not in browser.send({**FIELDS, "confirm": "other"}).text


def _plain(text: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"|id="reference">[A-Z2-7-]+<', "", text)


def test_the_wrong_password_sentence_is_true_for_unserved_people_too(
    worker: FakeWorker, browser: Browser
) -> None:
    worker.corp.add("admin", admin_count=True)
    browser.get("/change/").send({**FIELDS, "name": "admin"})
    assert "or this service isn't set up for your account" in browser.complaint()


def test_without_an_old_password_the_directory_is_not_asked(
    worker: FakeWorker, browser: Browser, bob: Person
) -> None:
    browser.get("/change/").send({**FIELDS, "current": ""})
    assert browser.status == 422
    assert worker.corp.writes == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"must_change": True}, "it must be changed"), ({}, "has expired")],
)
def test_signing_in_with_a_password_to_be_changed_leads_to_the_change(
    worker: FakeWorker, browser: Browser, bob: Person, change: dict[str, bool], sentence: str
) -> None:
    worker.corp.change_account(bob.account.guid, **change)
    bob.password_expired = not change
    browser.get("/register/").send({"name": "bob", "password": OLD})
    assert browser.url == "/change/"
    assert sentence in browser.text
    assert 'value="bob"' in browser.text
    browser.send(FIELDS)
    assert bob.password == NEW


@pytest.mark.parametrize(("window", "said"), [(900, "15 minutes"), (86400, "24 hours"), (0, "")])
def test_the_shown_lockout_window_is_the_directorys_for_everybody(
    worker: FakeWorker, browser: Browser, bob: Person, window: int, said: str
) -> None:
    worker.corp.window = window
    advice = f" If you are sure they are right, wait {said} or call the helpdesk." if said else ""
    whole = str(SENTENCES[Outcome.WRONG_PASSWORD]) + advice
    for name in ("bob", "nobody"):
        browser.get("/change/").send({**FIELDS, "name": name, "current": "wrong"})
        assert browser.complaint() == whole
        browser.get("/register/").send({"name": name, "password": "wrong"})
        assert browser.complaint() == whole


def test_one_person_makes_five_browsers_known_in_a_day_by_changes_and_sign_ins(bob: Person) -> None:
    password = OLD
    for number in range(4):
        old, password = password, f"{NEW}{number}"
        fields = {"name": "bob", "current": old, "new": password, "confirm": password}
        assert "Your new password is set." in Browser(Client()).get("/change/").send(fields).text
    for _ in range(2):
        Browser(Client()).get("/register/").send({"name": "bob", "password": password})
    assert Familiar.objects.count() == 5
