"""An authenticator app: one step either way, each step once, and nothing that only looks like a code."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.worker import FakeWorker, Registered, facts, totp
from writeback.envelope.answers import Answer, AttemptOpened, FactorPending, Outcome, Progress
from writeback.envelope.methods import MethodKind

WRONG = Answer(outcome=Outcome.WRONG_CODE)


def handle_of(opened: AttemptOpened, method: MethodKind = MethodKind.TOTP) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is method)


def check(alice: Registered, code: str, opened: AttemptOpened | None = None) -> Answer:
    opened = opened or alice.worker.begin("alice")
    return alice.worker.check(opened.attempt, handle_of(opened), code)


def test_the_vectors_of_the_rfc_hold() -> None:
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: "12345678901234567890"
    assert [totp(seed, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(alice: Registered, steps: int) -> None:
    answer = check(alice, alice.app_code(steps=steps))
    assert answer == Answer(outcome=Outcome.DONE, facts=Progress(proven=(MethodKind.TOTP,), enough=False))


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_clock_may_not_be_two_steps_off(alice: Registered, steps: int) -> None:
    assert check(alice, alice.app_code(steps=steps)) == WRONG


def test_a_code_is_good_once_whatever_it_was_used_for(alice: Registered) -> None:
    code = alice.app_code()
    assert check(alice, code).outcome == Outcome.DONE
    assert check(alice, code) == WRONG
    session = alice.worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert alice.worker.check(session.attempt, app, code) == WRONG


def test_an_older_step_is_refused_after_a_newer_one(alice: Registered) -> None:
    assert check(alice, alice.app_code(steps=1)).outcome == Outcome.DONE
    assert check(alice, alice.app_code()) == WRONG


def test_blanks_and_dashes_are_forgiven(alice: Registered) -> None:
    code = alice.app_code()
    assert check(alice, f" {code[:3]} {code[3:]}\u00a0").outcome == Outcome.DONE
    alice.worker.clock.move(60)
    code = alice.app_code()
    assert check(alice, f"{code[:3]}-{code[3:]}").outcome == Outcome.DONE


def look_alikes(code: str) -> list[str]:
    """What `int` would take, or a careless comparison."""
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    arabic = "".join(chr(ord(digit) + 0x630) for digit in code)
    return [
        full_width,
        arabic,
        f"+{code}",
        f"{code[:1]}_{code[1:]}",
        "-1",
        f"0{code}",
        code[:5],
        "",
        " " * 70 + code,
        code * 2_000,
        f"{code}\0",
        "\ud800",
    ]


@pytest.mark.parametrize("number", range(12))
def test_a_text_that_looks_like_a_code_is_a_wrong_code(alice: Registered, number: int) -> None:
    assert check(alice, look_alikes(alice.app_code())[number]) == WRONG


@pytest.mark.race
def test_one_of_twenty_simultaneous_uses_of_a_code_gets_in(alice: Registered) -> None:
    code = alice.app_code()
    opened = [alice.worker.begin("alice") for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda one: check(alice, code, one), opened))
    outcomes = [answer.outcome for answer in answers]
    assert outcomes.count(Outcome.DONE) == 1
    assert set(outcomes) <= {Outcome.DONE, Outcome.WRONG_CODE, Outcome.TOO_MANY_TRIES}


def test_a_handle_is_good_in_its_own_attempt_only(alice: Registered, worker: FakeWorker) -> None:
    first, second = worker.begin("alice"), worker.begin("alice")
    answer = worker.check(first.attempt, handle_of(second), alice.app_code())
    assert answer == Answer(outcome=Outcome.FACTOR_GONE)


@pytest.mark.race
@pytest.mark.parametrize("length", [256, 257, 1024])
def test_an_app_is_confirmed_however_long_the_upn_is(worker: FakeWorker, length: int) -> None:
    upn = "b" * (length - 13) + "@corp.example"
    worker.corp.add("bob", upn=upn, mail="")
    session = worker.sign_in("bob")
    app = facts(worker.enrol(session.attempt, MethodKind.TOTP), FactorPending)
    assert app.account == (upn if length == 256 else "bob")
    code = totp(app.secrets[0].reveal(), worker.clock.now())
    assert worker.confirm(session.attempt, app.factor, code).outcome is Outcome.DONE
