"""Codes on paper: each once, and useless to whoever steals the state."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.fakes.worker import FakeWorker, Registered, enrol_paper, register
from writeback.envelope.answers import Answer, AttemptOpened, Outcome
from writeback.envelope.methods import MethodKind
from writeback.state import StateKeys
from writeback.state.tables import factors, metadata

pytestmark = pytest.mark.slow

WRONG = Answer(outcome=Outcome.WRONG_CODE)


@pytest.fixture
def alice(worker: FakeWorker) -> Registered:
    return register(worker, paper=True)


def check(alice: Registered, code: str, opened: AttemptOpened | None = None) -> Answer:
    opened = opened or alice.worker.begin("alice")
    paper = next(offer.factor for offer in opened.offers if offer.method is MethodKind.BACKUP_CODES)
    return alice.worker.check(opened.attempt, paper, code)


def test_there_are_ten_codes_of_65_bits_that_differ(alice: Registered) -> None:
    assert len(set(alice.paper)) == 10
    assert {len(code.replace("-", "")) for code in alice.paper} == {13}


def test_a_code_is_good_once(alice: Registered) -> None:
    assert check(alice, alice.paper[3]).outcome == Outcome.DONE
    assert check(alice, alice.paper[3]) == WRONG
    assert check(alice, alice.paper[4]).outcome == Outcome.DONE


def test_a_code_may_be_typed_in_any_case_and_without_dashes(alice: Registered) -> None:
    assert check(alice, alice.paper[0].lower().replace("-", " ")).outcome == Outcome.DONE


def test_digits_that_look_like_letters_are_read_as_these(alice: Registered) -> None:
    look_alikes = str.maketrans("OIB", "018")
    codes = [code.translate(look_alikes).replace("-", " \N{EM DASH} ") for code in alice.paper]
    assert {check(alice, code).outcome for code in codes} == {Outcome.DONE}


@pytest.mark.parametrize("typed", ["", "AAAA", "A" * 13, "A" * 10_000, "ＡＡＡＡ", "\ud800", "ÄÖÜ" * 5])  # noqa: RUF001
def test_a_text_that_is_no_code_is_wrong(alice: Registered, typed: str) -> None:
    assert check(alice, typed) == WRONG


@pytest.mark.race
def test_one_of_five_simultaneous_uses_of_a_code_gets_in(alice: Registered) -> None:
    opened = [alice.worker.begin("alice") for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda one: check(alice, alice.paper[0], one), opened))
    assert [answer.outcome for answer in answers].count(Outcome.DONE) == 1


def test_the_list_says_how_many_are_left(alice: Registered) -> None:
    check(alice, alice.paper[0])
    session = alice.worker.sign_in("alice")
    listed = alice.worker.list_factors(session.attempt)
    assert [one.left for one in listed.factors if one.method is MethodKind.BACKUP_CODES] == [9]


def test_a_new_sheet_makes_the_old_one_worthless(alice: Registered) -> None:
    worker = alice.worker
    session = worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert worker.check(session.attempt, app, alice.app_code()).outcome == Outcome.DONE
    new = enrol_paper(worker, session)
    worker.clock.move(25 * 3600)
    assert check(alice, alice.paper[0]) == WRONG
    assert check(alice, new[0]).outcome == Outcome.DONE


def test_the_state_holds_no_code_no_seed_and_no_address_in_clear(alice: Registered) -> None:
    with alice.worker.state.reading() as tx:
        stored = repr([tx.execute(select(table)).all() for table in metadata.sorted_tables])
    assert repr(alice.account.guid) in stored
    for secret in (alice.address, alice.seed, *alice.paper, *(code.replace("-", "") for code in alice.paper)):
        assert secret not in stored


def test_a_sheet_that_is_copied_to_another_person_does_not_open(alice: Registered) -> None:
    state = alice.worker.state
    with state.reading() as tx:
        row = tx.execute(select(factors).where(factors.c.method == "backup_codes")).one()
    keys: StateKeys = alice.worker.keys
    assert keys.unseal("secret", row.secret, b"corp", row.guid, row.id)
    with pytest.raises(Exception, match="changed or moved"):
        keys.unseal("secret", row.secret, b"corp", b"b" * 16, row.id)
