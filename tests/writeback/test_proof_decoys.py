"""Made-up people: nobody can tell them from real ones, and nothing they do succeeds."""

from collections.abc import Callable

import pytest

from tests.fakes.directory import DOMAIN
from tests.fakes.worker import DAY, FakeWorker, Registered, facts, totp
from writeback.envelope.answers import Answer, AttemptOpened, FactorPending, Outcome
from writeback.envelope.jobs import Method, Operation, ResetPassword
from writeback.proof.decoys import bare_name

STRANGERS = ["zed", "ZED", "zed@corp.example", "CORP\\zed", " zed "]


def shape(opened: AttemptOpened) -> tuple[object, ...]:
    """What of an attempt is the same each time."""
    offers = tuple((offer.method, offer.hint, len(offer.factor)) for offer in opened.offers)
    return (offers, opened.methods, opened.groups, opened.expires, len(opened.attempt))


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


def test_a_decoy_is_offered_what_would_do_for_a_reset(decoy: AttemptOpened) -> None:
    methods = {offer.method for offer in decoy.offers}
    assert len(methods) >= decoy.methods == 2
    assert all(bool(offer.hint) == (offer.method is Method.EMAIL) for offer in decoy.offers)


def test_whom_it_stands_for_does_not_change_a_decoy(worker: FakeWorker) -> None:
    before = shape(worker.begin("mallory"))
    worker.corp.add("mallory")
    assert shape(worker.begin("mallory")) == before


def test_no_code_is_ever_right_and_nothing_is_sent(decoy: AttemptOpened, worker: FakeWorker) -> None:
    for offer in decoy.offers:
        assert worker.start(decoy.attempt, offer.factor) == Answer(outcome=Outcome.DONE)
        assert worker.check(decoy.attempt, offer.factor, "000000") == Answer(outcome=Outcome.WRONG_CODE)
    assert worker.mails() == []
    assert worker.outbox.waiting() == 0


def test_a_decoy_changes_nothing_in_the_directory(decoy: AttemptOpened, worker: FakeWorker) -> None:
    answer = worker.ask(ResetPassword(directory="corp", attempt=decoy.attempt), "Spring-sun-77")
    assert answer == Answer(outcome=Outcome.NOT_PROVEN)
    assert worker.corp.writes == []


@pytest.mark.parametrize("name", STRANGERS)
def test_a_name_is_the_same_stranger_however_it_is_written(worker: FakeWorker, name: str) -> None:
    letters_aside = [offer.method for offer in worker.begin(name).offers]
    assert letters_aside == [offer.method for offer in worker.begin("zed").offers]
    assert shape(worker.begin(name)) == shape(worker.begin("zed"))


def test_strangers_differ(worker: FakeWorker) -> None:
    shapes = {shape(worker.begin(f"stranger{number}")) for number in range(40)}
    assert len(shapes) > 3


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
    for name in ("alice", next(name for name in map(str, range(99)) if has_mail(worker, name))):
        opened = worker.begin(name)
        mail = next(offer.factor for offer in opened.offers if offer.method is Method.EMAIL)
        outcomes[name] = [
            worker.check(opened.attempt, mail, "00000000").outcome,
            worker.start(opened.attempt, mail).outcome,
            worker.start(opened.attempt, mail).outcome,
            *(worker.check(opened.attempt, mail, "00000000").outcome for _ in range(4)),
        ]
        worker.clock.move(61)
        outcomes[name].append(worker.start(opened.attempt, mail).outcome)
        outcomes[name] += [worker.check(opened.attempt, mail, "00000000").outcome for _ in range(3)]
    real, false = outcomes.values()
    assert real == false
    assert real[-1] == Outcome.TOO_MANY_TRIES


def has_mail(worker: FakeWorker, name: str) -> bool:
    return Method.EMAIL in {offer.method for offer in worker.begin(name).offers}


def test_a_hint_never_shows_a_domain_that_no_decoy_could_have(alice: Registered, worker: FakeWorker) -> None:
    assert hints_of(worker, "alice") == ["a•••@•••"]
    shown = {hint.partition("@")[2] for n in range(60) for hint in hints_of(worker, f"stranger{n}")}
    assert shown == {"•••", "corp.example"}


def test_only_a_hint_without_a_domain_begins_otherwise_than_the_name(worker: FakeWorker) -> None:
    hints = [hint for n in range(60) for hint in hints_of(worker, f"stranger{n}")]
    own = [hint for hint in hints if hint.endswith("@corp.example")]
    assert set(own) == {"s•••@corp.example"}
    assert 0.15 < len(own) / len(hints) < 0.55
    assert {hint[0] for hint in hints if hint not in own} > {"s"}


@pytest.mark.parametrize("name", ["\u0416\u0416{}", "({}zed"])
def test_a_name_that_begins_with_no_letter_gets_no_domain(worker: FakeWorker, name: str) -> None:
    shown = {hint.partition("@")[2] for n in range(20) for hint in hints_of(worker, name.format(n))}
    assert shown == {"•••"}


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("alice@corp.example", "a•••@corp.example"),
        ("Alice.Archer@corp.example", "a•••@corp.example"),
        ("Boss@corp.example", "b•••@•••"),
        ("alice@proton.example", "a•••@•••"),
    ],
)
@pytest.mark.parametrize("name", ["alice", "CORP\\Alice", "alice@corp.example"])
def test_a_real_hint_is_one_that_a_decoy_could_have(
    worker: FakeWorker, address: str, hint: str, name: str
) -> None:
    worker.corp.add("alice", mail="")
    session = worker.sign_in("alice")
    mail = facts(worker.enrol(session.attempt, Method.EMAIL, address), FactorPending)
    assert worker.confirm(session.attempt, mail.factor, worker.mailed_code()).outcome == Outcome.DONE
    app = facts(worker.enrol(session.attempt, Method.TOTP), FactorPending)
    code = totp(app.secrets[0].reveal(), worker.clock.now())
    assert worker.confirm(session.attempt, app.factor, code).outcome == Outcome.DONE
    worker.clock.move(2 * DAY)
    assert hints_of(worker, name) == [hint]


def hints_of(worker: FakeWorker, name: str) -> list[str]:
    return [offer.hint for offer in worker.begin(name).offers if offer.hint]


def test_who_has_too_few_methods_for_an_operation_is_a_decoy_in_it(worker: FakeWorker) -> None:
    worker.corp.add("bob", mail="")
    session = worker.sign_in("bob")
    mail = facts(worker.enrol(session.attempt, Method.EMAIL, "bob@home.example"), FactorPending)
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


def test_a_short_name_that_is_no_part_of_the_dns_name_is_one_spelling_and_the_first_label_is_none() -> None:
    domains = ("corp.example",)
    assert bare_name("ACME\\Zed", domains, "ACME") == bare_name("corp.example\\zed", domains, "ACME") == "zed"
    assert bare_name("CORP\\zed", domains, "ACME") == "corp\\zed"
    assert bare_name("\\zed", domains, "") == "\\zed"


def test_confusing_spellings_are_folded_and_cut() -> None:
    assert bare_name("ＺＥＤ", ()) == "zed"  # noqa: RUF001
    assert len(bare_name("a" * 10_000, ())) == 256


@pytest.mark.parametrize("spelling", ["evil\\{}", "{}@evil.example", "{}@corp.example@evil.example"])
def test_under_a_foreign_domain_real_people_and_strangers_alike_look_like_somebody_else(
    alice: Registered, worker: FakeWorker, spelling: str
) -> None:
    assert shape(worker.begin(spelling.format("alice"))) != shape(worker.begin("alice"))
    assert any(
        shape(worker.begin(spelling.format(name))) != shape(worker.begin(name))
        for name in map("stranger{}".format, range(9))
    )
