"""Made-up people: nobody can tell them from real ones, and nothing they do succeeds."""

from collections.abc import Callable

import pytest

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import DAY, FakeWorker, Registered, enrol_all, enrol_paper, facts, step_up, totp
from writeback.envelope.answers import Answer, AttemptOpened, FactorPending, Outcome
from writeback.envelope.jobs import Operation, ResetPassword
from writeback.envelope.methods import MethodKind

STRANGERS = ["zed", "ZED", "zed@corp.example", "CORP\\zed", " zed "]


def shape(opened: AttemptOpened) -> tuple[object, ...]:
    """What of an attempt is the same each time."""
    offers = tuple((offer.method, offer.hint, len(offer.factor)) for offer in opened.offers)
    return (offers, opened.methods_needed, opened.families_needed, opened.expires, len(opened.attempt))


def add_protected(worker: FakeWorker) -> None:
    worker.corp.add("mallory", sids=frozenset({f"{DOMAIN}-1200", f"{DOMAIN}-512"}))


PEOPLE: dict[str, Callable[[FakeWorker], object]] = {
    "unknown": lambda _: None,
    "unregistered": lambda worker: worker.corp.add("mallory"),
    "out of scope": lambda worker: worker.corp.add("mallory", dn="CN=mallory,OU=Guests,DC=corp,DC=example"),
    "protected": add_protected,
    "a computer": lambda worker: worker.corp.add("mallory", person=False),
    "ambiguous": lambda worker: [worker.corp.add("mallory"), worker.corp.add("mallory")],
}


@pytest.fixture(params=list(PEOPLE))
def decoy(request: pytest.FixtureRequest, worker: FakeWorker) -> AttemptOpened:
    """An attempt for somebody whom Keyback does not serve."""
    PEOPLE[request.param](worker)
    return worker.begin("mallory")


def test_a_decoy_is_offered_what_registered_people_are(decoy: AttemptOpened, alice: Registered) -> None:
    assert [(offer.method, offer.hint) for offer in decoy.offers] == [
        (MethodKind.TOTP, ""),
        (MethodKind.EMAIL, ""),
        (MethodKind.BACKUP_CODES, ""),
    ]
    assert shape(decoy) == shape(alice.worker.begin("alice"))


def test_a_decoy_is_the_same_whomever_it_stands_for(worker: FakeWorker) -> None:
    before = shape(worker.begin("mallory"))
    worker.corp.add("mallory")
    assert shape(worker.begin("mallory")) == before


def test_no_code_is_ever_right_and_nothing_is_sent(decoy: AttemptOpened, worker: FakeWorker) -> None:
    for offer in decoy.offers:
        assert worker.start(decoy.attempt, offer.factor) == Answer(outcome=Outcome.DONE)
        assert worker.check(decoy.attempt, offer.factor, "000000") == Answer(outcome=Outcome.WRONG_CODE)
    assert worker.mails() == []
    assert worker.outbox.count_waiting() == 0


def test_a_decoy_changes_nothing_in_the_directory(decoy: AttemptOpened, worker: FakeWorker) -> None:
    answer = worker.ask(ResetPassword(site="main", attempt=decoy.attempt), "Spring-sun-77")
    assert answer == Answer(outcome=Outcome.NOT_PROVEN)
    assert worker.corp.writes == []


@pytest.mark.parametrize("name", STRANGERS)
def test_all_spellings_of_a_name_get_the_same_decoy(worker: FakeWorker, name: str) -> None:
    letters_aside = [offer.method for offer in worker.begin(name).offers]
    assert letters_aside == [offer.method for offer in worker.begin("zed").offers]
    assert shape(worker.begin(name)) == shape(worker.begin("zed"))


def test_a_stranger_shows_the_same_for_both_operations(worker: FakeWorker) -> None:
    reset, unlock = worker.begin("zed"), worker.begin("zed", Operation.UNLOCK)
    assert shape(reset)[0] == shape(unlock)[0]


def test_handles_tell_nothing_from_one_attempt_to_the_next(alice: Registered, worker: FakeWorker) -> None:
    for name in ("alice", "zed"):
        first, second = worker.begin(name), worker.begin(name)
        handles = {offer.factor for offer in (*first.offers, *second.offers)}
        assert len(handles) == 2 * len(first.offers)


def test_real_people_and_decoys_are_slowed_down_alike(alice: Registered, worker: FakeWorker) -> None:
    outcomes: dict[str, list[Outcome]] = {}
    for name in ("alice", "zed"):
        opened = worker.begin(name)
        mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
        app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
        outcomes[name] = [
            worker.check(opened.attempt, mail, "00000000").outcome,
            worker.start(opened.attempt, mail).outcome,
            worker.start(opened.attempt, mail).outcome,
            *(worker.check(opened.attempt, mail, "00000000").outcome for _ in range(4)),
        ]
        worker.clock.move(61)
        outcomes[name].append(worker.start(opened.attempt, mail).outcome)
        outcomes[name] += [worker.check(opened.attempt, mail, "00000000").outcome for _ in range(4)]
        outcomes[name] += [worker.check(opened.attempt, app, "000000").outcome for _ in range(6)]
    real, false = outcomes.values()
    assert real == false
    assert real[-1] == Outcome.TOO_MANY_TRIES


def test_a_way_that_a_person_lacks_is_shown_and_never_right(alice: Registered, worker: FakeWorker) -> None:
    opened = worker.begin("alice")
    paper = next(offer.factor for offer in opened.offers if offer.method is MethodKind.BACKUP_CODES)
    assert worker.start(opened.attempt, paper) == Answer(outcome=Outcome.DONE)
    assert worker.check(opened.attempt, paper, "AAAA-BBBB-CCCCC") == Answer(outcome=Outcome.WRONG_CODE)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)


def test_no_mail_is_sent_to_a_person_without_a_mail_factor(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    app = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    seed = app.secrets[0].reveal()
    assert worker.confirm(session.attempt, app.factor, totp(seed, worker.clock.now())).outcome == Outcome.DONE
    enrol_paper(worker, session)
    worker.clock.move(2 * DAY)
    worker.mails()
    opened = worker.begin("bob")
    mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    assert worker.start(opened.attempt, mail) == Answer(outcome=Outcome.DONE)
    assert worker.start(opened.attempt, mail).outcome == Outcome.TOO_SOON
    assert worker.check(opened.attempt, mail, "00000000") == Answer(outcome=Outcome.WRONG_CODE)
    assert worker.mails() == []


def test_two_mailboxes_are_one_way_and_get_one_code(worker: FakeWorker) -> None:
    _, opened = two_of_each(worker)
    mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    assert worker.start(opened.attempt, mail).outcome == Outcome.DONE
    sent = worker.mails()
    assert {note.to.reveal() for note in sent} == {"alice@home.example", "alice@other.example"}
    (code,) = {note.parameters["code"] for note in sent}
    assert worker.check(opened.attempt, mail, code).outcome == Outcome.DONE


@pytest.mark.parametrize("which", [0, 1])
def test_two_apps_are_one_way_and_either_fits(worker: FakeWorker, which: int) -> None:
    seeds, opened = two_of_each(worker)
    app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    assert worker.check(opened.attempt, app, "000000").outcome == Outcome.WRONG_CODE
    code = totp(seeds[which], worker.clock.now())
    assert worker.check(opened.attempt, app, code).outcome == Outcome.DONE
    assert worker.check(opened.attempt, app, code).outcome == Outcome.WRONG_CODE


def two_of_each(worker: FakeWorker) -> tuple[list[str], AttemptOpened]:
    """Register two mailboxes and two apps; return the seeds of the apps, and an attempt."""
    account = worker.corp.add("alice")
    session = worker.sign_in("alice")
    step_up(worker, session)
    first = enrol_all(worker, session, account, "alice@home.example")
    later = worker.sign_in("alice")
    app = next(offer.factor for offer in later.offers if offer.method is MethodKind.TOTP)
    worker.clock.move(60)
    assert worker.check(later.attempt, app, first.app_code()).outcome == Outcome.DONE
    second = enrol_all(worker, later, account, "alice@other.example")
    worker.mails()
    worker.clock.move(2 * DAY)
    opened = worker.begin("alice")
    assert len(opened.offers) == len({offer.method for offer in opened.offers})
    return [first.seed, second.seed], opened


def test_a_person_with_too_few_methods_gets_a_decoy(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    mail = facts(worker.enrol(session.attempt, MethodKind.EMAIL, "bob@home.example"), FactorPending)
    assert worker.confirm(session.attempt, mail.factor, worker.mailed_code()).outcome == Outcome.DONE
    worker.mails()
    worker.clock.move(2 * DAY)
    opened = worker.begin("bob", Operation.UNLOCK)  # mail is never enough alone
    for offer in opened.offers:
        worker.start(opened.attempt, offer.factor)
    assert worker.mails() == []


@pytest.mark.parametrize(
    "name", ["", "\0", "*", ")(uid=*", "\ud800", "a" * 10_000, "\\", "@", "ﬀ", "\u202ea"]
)
def test_any_name_opens_an_attempt(worker: FakeWorker, name: str) -> None:
    assert worker.begin(name).offers
