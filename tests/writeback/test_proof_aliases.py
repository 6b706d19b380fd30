"""Two names of one person share what two invented names share before proof, and no more."""

import pytest

from tests.fakes.worker import DAY, FakeWorker, Registered
from writeback.envelope.answers import Answer, AttemptOpened, Outcome
from writeback.envelope.jobs import Method

HOUR = 3600
# The account name and a mail address of another domain, of a person and of nobody.
REAL, INVENTED = ("alice", "alice@mail.example"), ("zedda", "zedda@mail.example")


def way(opened: AttemptOpened, method: Method) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is method)


def ask_for_code(worker: FakeWorker, name: str) -> Answer:
    opened = worker.begin(name)
    return worker.start(opened.attempt, way(opened, Method.EMAIL))


@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_a_code_for_one_name_does_not_make_the_other_wait(
    alice: Registered, worker: FakeWorker, names: tuple[str, str]
) -> None:
    heard = [ask_for_code(worker, name).outcome for name in (*names, *names)]
    assert heard == [Outcome.DONE, Outcome.DONE, Outcome.TOO_SOON, Outcome.TOO_SOON]


@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_what_one_name_has_used_up_is_there_for_the_other(
    alice: Registered, worker: FakeWorker, names: tuple[str, str]
) -> None:
    heard = []
    for name in names:
        for _ in range(6):
            worker.clock.move(61)
            heard.append(ask_for_code(worker, name).outcome)
    assert heard == 2 * [*[Outcome.DONE] * 5, Outcome.LIMIT_REACHED]


def test_a_mailbox_gets_no_more_by_two_names_than_by_one(alice: Registered, worker: FakeWorker) -> None:
    sent = 0
    for name in REAL:
        for _ in range(5):
            worker.clock.move(61)
            ask_for_code(worker, name)
            sent += len(worker.mails())
    assert sent == 5
    said = [facts["outcome"] for event, _, facts in worker.audit.events if event == "factor.started"]
    assert said[-10:] == ["done"] * 5 + ["nothing-sent"] * 5
    worker.clock.move(HOUR)
    ask_for_code(worker, "alice")
    assert len(worker.mails()) == 1


def test_who_is_signed_in_is_told_that_a_mailbox_has_had_enough(
    alice: Registered, worker: FakeWorker
) -> None:
    for _ in range(5):
        worker.clock.move(61)
        ask_for_code(worker, "alice")
    session = worker.sign_in("alice")
    mail = next(offer.factor for offer in session.offers if offer.method is Method.EMAIL)
    for _ in range(5):
        worker.clock.move(61)
        assert worker.start(session.attempt, mail).outcome == Outcome.DONE
    worker.clock.move(61)
    assert worker.start(session.attempt, mail).outcome == Outcome.LIMIT_REACHED


def test_spellings_of_one_name_share_one_count(alice: Registered, worker: FakeWorker) -> None:
    for person in ("alice", "zedda"):
        heard = [
            ask_for_code(worker, name).outcome for name in (person, f"CORP/{person}", f" {person.upper()}")
        ]
        assert heard == [Outcome.DONE, Outcome.TOO_SOON, Outcome.TOO_SOON]


def test_two_mailboxes_count_once_against_what_a_person_may_be_sent(
    alice: Registered, worker: FakeWorker
) -> None:
    session = worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is Method.TOTP)
    assert worker.check(session.attempt, app, alice.app_code()).outcome == Outcome.DONE
    added = worker.enrol(session.attempt, Method.EMAIL, "alice@other.example")
    assert added.outcome == Outcome.DONE
    pending = next(
        one.factor for one in worker.list_factors(session.attempt).factors if one.state == "pending"
    )
    assert worker.confirm(session.attempt, pending, worker.mailed_code()).outcome == Outcome.DONE
    worker.clock.move(2 * DAY)
    worker.mails()
    sent = []
    for _ in range(10):
        worker.clock.move(HOUR)
        ask_for_code(worker, "alice")
        sent.append(len(worker.mails()))
    assert sent == [2] * 10
