"""Two names of one person share what two invented names share before proof, and no more."""

from collections.abc import Callable

import pytest

from tests.fakes.worker import DAY, PASSWORD, FakeWorker, Registered
from writeback.envelope.answers import Answer, AttemptOpened, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, SignIn
from writeback.envelope.methods import MethodKind

HOUR = 3600
# The account name and a mail address of another domain, of a person and of nobody.
REAL, INVENTED = ("alice", "alice@mail.example"), ("zedda", "zedda@mail.example")


def way(opened: AttemptOpened, method: MethodKind) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is method)


def ask_for_code(worker: FakeWorker, name: str) -> Answer:
    opened = worker.begin(name)
    return worker.start(opened.attempt, way(opened, MethodKind.EMAIL))


@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_a_code_for_one_name_does_not_make_the_other_wait(
    alice: Registered, worker: FakeWorker, names: tuple[str, str]
) -> None:
    heard = [ask_for_code(worker, name).outcome for name in (*names, *names)]
    assert heard == [Outcome.DONE, Outcome.DONE, Outcome.TOO_SOON, Outcome.TOO_SOON]


@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_a_limit_used_up_by_one_name_is_free_for_the_other(
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


def test_a_signed_in_person_is_told_of_a_mailbox_over_its_limit(
    alice: Registered, worker: FakeWorker
) -> None:
    for _ in range(5):
        worker.clock.move(61)
        ask_for_code(worker, "alice")
    session = worker.sign_in("alice")
    mail = next(offer.factor for offer in session.offers if offer.method is MethodKind.EMAIL)
    for _ in range(5):
        worker.clock.move(61)
        assert worker.start(session.attempt, mail).outcome == Outcome.DONE
    worker.clock.move(61)
    assert worker.start(session.attempt, mail).outcome == Outcome.LIMIT_REACHED


def sign_in(worker: FakeWorker, name: str, password: str) -> Outcome:
    return worker.ask(SignIn(site="main", name=name), password).outcome


def change(worker: FakeWorker, name: str, password: str) -> Outcome:
    opened = worker.begin(name, Operation.CHANGE)
    job = ChangePassword(site="main", attempt=opened.attempt)
    return worker.ask(job, "Spring-sun-77", password).outcome


@pytest.mark.parametrize("verb", [sign_in, change])
@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_waits_for_passwords_depend_on_the_typed_name(
    alice: Registered,
    worker: FakeWorker,
    names: tuple[str, str],
    verb: Callable[[FakeWorker, str, str], Outcome],
) -> None:
    heard = [verb(worker, name, "wrong") for name in names for _ in range(4)]
    assert heard == 2 * [*[Outcome.WRONG_PASSWORD] * 3, Outcome.TOO_MANY_TRIES]


@pytest.mark.parametrize("verb", [sign_in, change])
def test_the_directory_is_asked_no_more_by_two_names_than_by_one(
    alice: Registered, worker: FakeWorker, verb: Callable[[FakeWorker, str, str], Outcome]
) -> None:
    worker.corp.threshold = 0
    worker.corp.binds.clear()
    worker.corp.writes.clear()
    for name in REAL:
        for _ in range(3):
            verb(worker, name, "wrong")
    assert len(worker.corp.binds) + len(worker.corp.writes) == 3
    assert sign_in(worker, "corp\\alice", PASSWORD) == Outcome.TOO_MANY_TRIES
    worker.clock.move(HOUR)
    assert sign_in(worker, REAL[1], PASSWORD) == Outcome.DONE


@pytest.mark.parametrize("names", [REAL, INVENTED], ids=["a person", "nobody"])
def test_waits_for_app_codes_depend_on_the_typed_name(
    alice: Registered, worker: FakeWorker, names: tuple[str, str]
) -> None:
    heard = []
    for name in names:
        for _ in range(6):
            opened = worker.begin(name)
            heard.append(worker.check(opened.attempt, way(opened, MethodKind.TOTP), "000000").outcome)
    assert heard == 2 * [*[Outcome.WRONG_CODE] * 5, Outcome.TOO_MANY_TRIES]


def test_right_passwords_give_back_what_was_counted_for_name_and_person(
    alice: Registered, worker: FakeWorker
) -> None:
    for _ in range(3):
        assert [sign_in(worker, name, PASSWORD) for name in REAL] == [Outcome.DONE] * 2


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
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert worker.check(session.attempt, app, alice.app_code()).outcome == Outcome.DONE
    added = worker.enrol(session.attempt, MethodKind.EMAIL, "alice@other.example")
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
