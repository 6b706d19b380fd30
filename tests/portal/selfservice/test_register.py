"""One's own ways to prove it."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.fixtures import Settings

from portal.dispatch.outcomes import SENTENCES
from portal.methods.models import Factor
from portal.people.models import Account
from portal.people.session import RATES
from tests.fakes.directory import Person
from tests.fakes.post_box import the_box
from tests.fakes.worker import FakeWorker
from tests.portal.walk import OLD, Browser, prove, totp
from writeback.envelope.answers import Outcome

pytestmark = pytest.mark.slow


@pytest.fixture
def signed_in(worker: FakeWorker, browser: Browser, alice: Person, seed: str) -> Browser:
    """Alice, signed in and stepped up."""
    browser.get("/register/").send({"name": "alice", "password": OLD})
    prove(browser, worker, "totp", seed)
    assert browser.url == "/register/", browser.text
    return browser


def factor(kind: str) -> Factor:
    found: Factor = Factor.objects.get(kind=kind)
    return found


def test_two_ways_are_enough_and_the_page_says_so(signed_in: Browser) -> None:
    assert "You're set" in signed_in.text
    assert "a•••@home.example" in signed_in.text


def test_a_code_for_a_new_address_is_sent_again_and_only_the_newest_works(
    signed_in: Browser, worker: FakeWorker
) -> None:
    signed_in.post("/register/add/email/", {"source": "other", "address": "alice@club.example"})
    first, page = worker.mailed_code(), signed_in.url

    signed_in.post(f"{page}again/")
    assert signed_in.url == page
    assert "A code was sent a moment ago." in signed_in.complaint()
    worker.clock.move(2)
    signed_in.post(f"{page}again/")
    assert "sent a new code" in signed_in.text
    second = worker.mailed_code()

    signed_in.send({"code": first})
    assert signed_in.complaint()
    signed_in.send({"code": second})
    assert signed_in.url == "/register/"
    assert "a•••@club.example" in signed_in.text


def test_a_code_is_sent_again_for_ones_own_address_only(signed_in: Browser, worker: FakeWorker) -> None:
    signed_in.post(f"/register/add/email/{'0' * 32}/again/")
    assert signed_in.status == 404
    assert signed_in.get(f"/register/add/email/{'0' * 32}/again/").status == 405
    assert not worker.mails()


def test_the_portal_keeps_no_secret_and_no_address(signed_in: Browser, seed: str) -> None:
    row = Factor.objects.filter(kind="email").values().get()
    assert "alice@home.example" not in str(row)
    assert seed not in str(list(Factor.objects.values()))


def test_a_first_way_needs_a_code_to_the_directorys_address(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("bob")
    assert ">Work password<" in "".join(browser.get("/register/").text.split("\n"))
    browser.send({"name": "bob", "password": OLD})
    assert browser.url.endswith("/prove/")
    assert "Step 2 of 4" not in browser.text
    browser.post("/register/add/totp/")
    assert Factor.objects.count() == 0


@pytest.mark.parametrize("name", ["bob", "nobody", "charlie"])
def test_a_wrong_password_and_an_unknown_name_read_the_same(
    worker: FakeWorker, browser: Browser, name: str
) -> None:
    worker.corp.add("bob")
    browser.get("/register/").send({"name": name, "password": "wrong"})
    assert (browser.status, browser.complaint()) == (
        422,
        str(SENTENCES[Outcome.WRONG_PASSWORD]),
    )
    assert Account.objects.count() == 0


def test_signing_in_makes_an_account_that_can_never_use_a_password_here(signed_in: Browser) -> None:
    account = Account.objects.get()
    assert (account.name, account.directory, account.has_usable_password()) == ("alice", "corp", False)


def test_a_way_without_a_name_of_its_own_is_called_what_its_method_is_called(signed_in: Browser) -> None:
    assert factor("totp").name == ""
    for page in ("rename", "remove"):
        signed_in.get(f"/register/factor/{factor('totp').factor_id}/{page}/")
        assert "Authenticator app" in signed_in.text


def test_a_way_gets_another_name(signed_in: Browser) -> None:
    signed_in.get(f"/register/factor/{factor('totp').factor_id}/rename/").send({"label": "Work phone"})
    assert signed_in.url == "/register/"
    assert "Work phone" in signed_in.text


def test_a_typed_label_is_shown_as_text(signed_in: Browser) -> None:
    page = f"/register/factor/{factor('totp').factor_id}/rename/"
    signed_in.get(page).send({"label": "<script>alert(1)</script>"})
    assert "<script>alert" not in signed_in.text
    assert signed_in.get(page).send({"label": "x" * 65}).status == 422


def test_a_way_is_removed_after_a_question_but_never_the_last_one(signed_in: Browser) -> None:
    signed_in.get(f"/register/factor/{factor('email').factor_id}/remove/").send()
    assert signed_in.url == "/register/"
    assert not Factor.objects.filter(kind="email").exists()
    signed_in.get(f"/register/factor/{factor('totp').factor_id}/remove/").send()
    assert "This is your last way" in signed_in.text


def test_backup_codes_are_shown_once_and_then_work(worker: FakeWorker, signed_in: Browser) -> None:
    assert "stop working" not in signed_in.get("/register/add/backup-codes/").text
    signed_in.post("/register/add/backup-codes/")
    handle, codes = signed_in.hidden("factor"), signed_in.hidden("codes").split()
    assert len(codes) == 10
    forgotten = signed_in.post(
        "/register/add/backup-codes/confirm/", {"factor": handle, "codes": " ".join(codes)}
    )
    assert forgotten.status == 422
    assert codes[0] in forgotten.text
    signed_in.send({"factor": handle, "saved": "on"})
    assert signed_in.url == "/register/"
    assert codes[0] not in signed_in.text
    assert "Your old codes will stop working" in signed_in.get("/register/add/backup-codes/").text
    signed_in.get("/reset/").send({"name": "alice"})
    signed_in.send({"offer": signed_in.offer("backup_codes")}).send(
        {"code": codes[3].lower().replace("-", " ")}
    )
    assert signed_in.url.endswith("/prove/"), signed_in.text
    assert "Choose one more way" in signed_in.text


def test_backup_codes_are_saved_as_a_file_that_says_whose_they_are_and_nothing_is_kept(
    worker: FakeWorker, signed_in: Browser
) -> None:
    signed_in.post("/register/add/backup-codes/")
    fields = {name: signed_in.hidden(name) for name in ("factor", "codes", "account")}
    asked = len(the_box().sent)
    file = signed_in.post("/register/add/backup-codes/file/", fields)
    assert file.response["Content-Type"] == "text/plain; charset=utf-8"
    assert file.response["Content-Disposition"] == 'attachment; filename="backup-codes.txt"'
    assert "no-store" in file.response["Cache-Control"]
    lines = file.text.splitlines()
    assert set(fields["codes"].split()) <= set(lines)
    for line in ("Backup codes for your work account", "Keyback", "Account: alice@corp.example"):
        assert line in lines
    assert f"Made on: {date_format(timezone.localdate(), 'DATE_FORMAT')}" in lines
    assert "Use them at: http://testserver/" in lines
    assert len(the_box().sent) == asked
    code = fields["codes"].split()[0]
    assert code not in str([session.get_decoded() for session in Session.objects.all()])
    signed_in.post("/register/add/backup-codes/confirm/", {**fields, "saved": "on"})
    assert (signed_in.url, "10 codes left" in signed_in.text) == ("/register/", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"codes": ""},
        {"codes": "<script>"},
        {"codes": "A" * 500},
        {"factor": "x"},
        {"factor": "ab" * 16},
        {"account": "a" * 2000},
    ],
)
def test_only_codes_that_the_page_showed_become_a_file(signed_in: Browser, changes: dict[str, str]) -> None:
    mine = {"factor": factor("email").factor_id, "codes": "ABCDEFGHIJKLM", "account": "alice"}
    assert signed_in.post("/register/add/backup-codes/file/", mine | changes).status in {400, 404}
    assert signed_in.get("/register/add/backup-codes/file/").status == 405


TOKEN = {"csrfmiddlewaretoken": "m" * 64}


def test_loading_the_page_of_backup_codes_again_makes_no_new_ones(signed_in: Browser) -> None:
    signed_in.post("/register/add/backup-codes/", TOKEN)
    handle = signed_in.hidden("factor")
    asked = len(the_box().sent)
    signed_in.post("/register/add/backup-codes/", TOKEN)
    assert (signed_in.url, signed_in.status) == ("/register/add/backup-codes/", 200)
    assert "work unless you pressed Done." in signed_in.text
    assert len(the_box().sent) == asked
    signed_in.post("/register/add/backup-codes/confirm/", {"factor": handle, "saved": "on"})
    assert signed_in.url == "/register/"
    signed_in.post("/register/add/backup-codes/", {"csrfmiddlewaretoken": "n" * 64})
    assert signed_in.hidden("factor") != handle


def test_loading_the_page_of_the_qr_code_again_makes_no_new_seed(
    worker: FakeWorker, signed_in: Browser
) -> None:
    signed_in.post("/register/add/totp/", TOKEN)
    fields = {name: signed_in.hidden(name) for name in ("factor", "secret", "account")}
    asked = len(the_box().sent)
    signed_in.post("/register/add/totp/", TOKEN)
    assert "The QR code was shown once." in signed_in.text
    assert len(the_box().sent) == asked
    for _ in range(2):
        signed_in.post("/register/add/totp/confirm/", {**fields, **TOKEN, "code": "000000"})
        assert (signed_in.status, "<svg" in signed_in.text) == (422, True)
    assert len(the_box().sent) == asked + 1
    signed_in.send({**fields, **TOKEN, "code": totp(fields["secret"], worker)})
    assert signed_in.url == "/register/"


def test_a_mistyped_first_code_does_not_cost_the_qr_code(worker: FakeWorker, signed_in: Browser) -> None:
    signed_in.post("/register/add/totp/")
    fields = {name: signed_in.hidden(name) for name in ("factor", "secret", "account")}
    signed_in.post("/register/add/totp/confirm/", {**fields, "code": "12345"})
    assert signed_in.status == 422
    assert "The code has 6 digits. You typed 5 digits." in signed_in.text
    assert "<svg" in signed_in.text
    assert fields["secret"][:4] in signed_in.text
    signed_in.send({**fields, "code": totp(fields["secret"], worker)})
    assert signed_in.url == "/register/"


def test_an_app_that_was_never_confirmed_can_be_set_up_again_or_removed(signed_in: Browser) -> None:
    signed_in.post("/register/add/totp/")
    assert '<a class="link" href="/register/">Back</a>' in signed_in.text
    pending = signed_in.hidden("factor")
    signed_in.get("/register/")
    assert "Not confirmed yet" in signed_in.text
    assert '<a class="link" href="/register/add/totp/">Set it up again</a>' in signed_in.text
    assert f"/register/factor/{pending}/remove/" in signed_in.text
    signed_in.get(f"/register/factor/{pending}/remove/").send()
    assert (signed_in.url, "Not confirmed yet" in signed_in.text) == ("/register/", False)


def test_removing_a_way_names_it(signed_in: Browser) -> None:
    mail = factor("email").factor_id
    assert "a•••@home.example" in signed_in.get(f"/register/factor/{mail}/remove/").text


def test_typing_an_address_chooses_it(worker: FakeWorker, signed_in: Browser) -> None:
    worker.clock.move(2)
    worker.mails()
    signed_in.get("/register/add/email/").send({"address": "second@home.example"})
    signed_in.send({"code": worker.mailed_code()})
    assert signed_in.url == "/register/"
    assert "s•••@home.example" in signed_in.text


def test_leaving_out_address_and_choice_asks_for_one(signed_in: Browser) -> None:
    signed_in.get("/register/add/email/").send({"address": ""})
    assert (signed_in.status, signed_in.complaint()) == (422, "Choose one.")


def test_a_single_way_is_preselected(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("bob")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    assert browser.url.endswith("/prove/")
    assert browser.text.count('type="radio"') == 1
    assert re.search(r'type="radio"[^>]*\bchecked', browser.text)


def test_none_of_several_ways_is_preselected(worker: FakeWorker, browser: Browser, seed: str) -> None:
    browser.get("/register/").send({"name": "alice", "password": OLD})
    assert browser.text.count('type="radio"') == 2
    assert not re.search(r'type="radio"[^>]*\bchecked', browser.text)


def test_another_persons_way_is_not_found(worker: FakeWorker, signed_in: Browser) -> None:
    stranger = Account.objects.create(username="x@corp", directory="corp", guid="00" * 16)
    Factor.objects.create(user=stranger, factor_id="ab" * 16, kind="totp", name="Theirs")
    assert signed_in.get(f"/register/factor/{'ab' * 16}/remove/").status == 404
    assert signed_in.get(f"/register/factor/{'ab' * 16}/rename/").status == 404
    assert signed_in.get(f"/register/add/email/{'ab' * 16}/").status == 404


def test_the_directorys_own_address_can_be_taken_as_it_is(worker: FakeWorker, signed_in: Browser) -> None:
    worker.clock.move(2)
    worker.mails()
    signed_in.get("/register/add/email/")
    assert "Only if you can open it without your work password." in signed_in.text
    signed_in.send({"source": "own", "address": ""})
    signed_in.send({"code": worker.mailed_code()})
    assert signed_in.url == "/register/"
    assert "a•••@mail.example" in signed_in.text


@pytest.mark.parametrize(
    "address",
    [
        "",
        "no address",
        "a@b",
        "x" * 300 + "@example.com",
        "a\0b@example.com",
        "a@example.com\r\nBcc: b@example.com",
    ],
)
def test_an_invalid_address_is_refused_with_a_sentence(signed_in: Browser, address: str) -> None:
    signed_in.get("/register/add/email/").send({"source": "other", "address": address})
    assert signed_in.status == 422
    assert signed_in.complaint()


def test_one_person_cannot_use_up_the_capacity_of_a_worker(signed_in: Browser) -> None:
    asked = len(the_box().sent)
    for _ in range(RATES[0].limit + 10):
        signed_in.get("/register/")
    assert signed_in.status == 429
    assert 0 < int(signed_in.response["Retry-After"]) <= RATES[0].seconds
    assert len(the_box().sent) - asked <= RATES[0].limit


def test_signing_out_leaves_nothing_in_the_session(signed_in: Browser) -> None:
    signed_in.post("/register/sign-out/")
    assert signed_in.get("/register/").url == "/register/sign-in/"


def test_a_second_sign_in_asks_for_a_registered_way(
    worker: FakeWorker, browser: Browser, alice: Person, seed: str
) -> None:
    browser.get("/register/").send({"name": "alice", "password": OLD})
    assert browser.url.endswith("/prove/")
    assert browser.get("/register/").url == "/register/"
    assert "Before you add or remove anything" in browser.text
    browser.get("/register/step-up/")
    assert browser.url.endswith("/prove/")


@pytest.mark.parametrize(("contact", "whom"), [("", "your IT support"), ("helpdesk, 4711", "helpdesk, 4711")])
def test_a_person_with_an_unusable_address_is_told_whom_to_ask(
    settings: Settings, worker: FakeWorker, browser: Browser, contact: str, whom: str
) -> None:
    settings.KEYBACK_CONTACT = contact
    worker.corp.add("bob", OLD, mail="Bob <bob@mail.example>")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    assert browser.status == 422
    said = browser.complaint()
    assert "Your password is right." in said
    assert f"Ask {whom} to correct it." in said
    assert 'value="bob"' in browser.text
    assert Account.objects.count() == 0


def test_an_unconfirmed_way_leads_to_its_confirmation(worker: FakeWorker, browser: Browser) -> None:
    worker.corp.add("bob", mail="")
    browser.get("/register/").send({"name": "bob", "password": OLD})
    browser.post("/register/add/totp/")
    seed, factor = browser.hidden("secret"), browser.hidden("factor")
    fields = {"factor": factor, "secret": seed, "code": totp(seed, worker)}
    browser.post("/register/add/totp/confirm/", fields)
    browser.post("/register/add/email/", {"source": "other", "address": "bob@home.example"})
    browser.post("/register/add/backup-codes/")
    fields = {name: browser.hidden(name) for name in ("factor", "codes")}
    browser.post("/register/add/backup-codes/confirm/", {**fields, "saved": "on"})
    assert "Before you add, confirm or remove anything" in browser.text
    links = re.findall(r'<a class="link" href="([^"]*)">Prove it.s you, to confirm it', browser.text)
    assert links == ["/register/step-up/"]
    browser.get(links[0])
    prove(browser, worker, "totp", seed)
    assert (browser.url, "Type its code" in browser.text) == ("/register/", True)
