"""What the portal's audit says of somebody who has proven nothing misleads nobody who helps a caller."""

import pytest

from portal.audit.models import Event
from portal.audit.words import neutral_word, neutralize
from tests.fakes.directory import BASE, Person
from tests.fakes.worker import FakeWorker
from tests.portal.conftest import sign_in_as_admin
from tests.portal.walk import NEW, OLD, Browser
from writeback.envelope.answers import Answer, Outcome

pytestmark = pytest.mark.slow

NAMES = ("alice", "nobody", "charlie")
MISLEADING = {"wrong-password", "wrong-code", "code-expired", "factor-gone", "done"}


@pytest.fixture
def charlie(worker: FakeWorker, alice: Person) -> None:
    """Somebody who isn't served."""
    worker.corp.add("charlie", dn=f"CN=charlie,OU=Elsewhere,{BASE}")


def outcomes(event: str) -> set[object]:
    return {found.facts["outcome"] for found in Event.objects.filter(event=event)}


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "Wrong-one-41"), ("nobody", OLD), ("charlie", "Wrong-one-41"), ("charlie", OLD)],
)
def test_a_refused_sign_in_is_not_called_a_wrong_password(
    worker: FakeWorker, browser: Browser, charlie: None, name: str, password: str
) -> None:
    browser.get("/register/").send({"name": name, "password": password})
    assert outcomes("sign-in.refused") == {"not-accepted"}


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_change_is_not_called_a_wrong_password(
    worker: FakeWorker, browser: Browser, charlie: None, name: str
) -> None:
    old = "Wrong-one-41" if name == "alice" else OLD
    browser.get("/change/").send({"name": name, "current": old, "new": NEW, "confirm": NEW})
    assert outcomes("job.settled") == {"not-accepted"}


@pytest.mark.parametrize("name", NAMES)
def test_a_code_before_proof_was_asked_for_and_not_accepted(
    worker: FakeWorker, browser: Browser, charlie: None, name: str
) -> None:
    earlier = Event.objects.count()
    worker.clock.move(2)  # past the pause between two mails to one box
    browser.get("/reset/").send({"name": name})
    browser.send({"offer": browser.offer("email")}).send({"code": "00000000"})
    told = {event.event: event.facts.get("outcome") for event in Event.objects.filter(number__gt=earlier)}
    assert told["factor.started"] == "asked"
    assert told["factor.failed"] == "not-accepted"


def test_the_lists_of_attempts_and_jobs_use_the_same_words(
    worker: FakeWorker, browser: Browser, charlie: None
) -> None:
    browser.get("/change/").send({"name": "charlie", "current": OLD, "new": NEW, "confirm": NEW})
    admin = sign_in_as_admin()
    for page in ("gates/attempt/", "dispatch/jobrecord/"):
        text = admin.get(f"/admin/{page}").content.decode()
        assert "not-accepted" in text
        assert ">wrong-password<" not in text


@pytest.mark.parametrize("outcome", Outcome)
def test_no_word_for_a_stranger_claims_anything_about_the_person(outcome: Outcome) -> None:
    assert neutral_word(Answer(outcome=outcome), done="asked") not in MISLEADING
    assert neutralize(neutralize(outcome)) == neutralize(outcome)


def test_a_missing_answer_has_a_word_too() -> None:
    assert neutral_word(None) == "no-answer"
