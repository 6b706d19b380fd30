"""Chains: what a browser has of its own once somebody has proven enough in it; a token is no proof."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests.fakes.worker import DAY, FakeWorker, Registered, ceiling_for_tests, register
from writeback.ceiling import Rate
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import Operation, ResetPassword
from writeback.envelope.methods import MethodKind
from writeback.proof.chains import MOST
from writeback.proof.revoking import Addressee, forget_browsers, revoke
from writeback.state import StateKeys, sweep
from writeback.state.tables import chains

WRONG = "000000"


def known(alice: Registered, name: str = "") -> bytes:
    """The token of a browser in which a person has proven enough for a reset."""
    opened = alice.worker.begin(name or alice.account.name)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    alice.worker.clock.move(61)
    return opened.chain


def try_app(
    alice: Registered, code: str, chain: bytes | None = None, *, worker: FakeWorker | None = None
) -> Answer:
    worker = worker or alice.worker
    opened = worker.begin("alice", chain=chain)
    app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
    return worker.check(opened.attempt, app, code)


def ask_for_mail(alice: Registered, chain: bytes | None = None) -> Answer:
    opened = alice.worker.begin("alice", chain=chain)
    mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    return alice.worker.start(opened.attempt, mail)


def flood(alice: Registered) -> None:
    """Wrong codes of strangers, until they are told to wait; and all the mails that they can have."""
    while try_app(alice, WRONG).outcome == Outcome.WRONG_CODE:
        pass
    while ask_for_mail(alice).outcome != Outcome.LIMIT_REACHED:
        alice.worker.clock.move(61)
    alice.worker.mails()


def test_a_chain_goes_on_with_its_token(worker: FakeWorker) -> None:
    first = worker.begin("zed").chain
    assert worker.begin("alice", chain=first).chain == first
    assert len(first) == 32
    assert worker.begin("zed").chain != first


def test_a_known_browser_has_tries_and_mails_that_strangers_can_not_use_up(alice: Registered) -> None:
    mine = known(alice)
    flood(alice)
    assert try_app(alice, WRONG).outcome == Outcome.TOO_MANY_TRIES
    assert try_app(alice, alice.app_code(), mine).outcome == Outcome.DONE
    opened = alice.worker.begin("alice", chain=mine)
    alice.worker.clock.move(61)
    alice.prove(opened, MethodKind.EMAIL, MethodKind.TOTP)
    reset = ResetPassword(site="main", attempt=opened.attempt)
    assert alice.worker.ask(reset, "Spring-sun-77").outcome == Outcome.DONE


def test_a_proven_attempt_has_mailed_codes_that_strangers_cannot_use_up(worker: FakeWorker) -> None:
    alice = register(worker, paper=True)
    flood(alice)
    opened = worker.begin("alice")
    alice.prove(opened, MethodKind.BACKUP_CODES)
    email = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
    assert worker.start(opened.attempt, email).outcome == Outcome.DONE
    assert worker.check(opened.attempt, email, worker.mailed_code()).outcome == Outcome.DONE


FORGED = {
    "nothing": b"",
    "zeros": bytes(32),
    "too short": bytes(16),
    "oversized": bytes(2000),
}


@pytest.mark.parametrize("token", list(FORGED.values()), ids=list(FORGED))
def test_a_forged_token_counts_as_none(alice: Registered, token: bytes) -> None:
    mine = known(alice)
    flood(alice)
    assert try_app(alice, alice.app_code(), token).outcome == Outcome.TOO_MANY_TRIES
    assert alice.worker.begin("alice", chain=token).chain not in (token, mine)


def test_a_token_that_was_changed_or_made_by_another_site_counts_as_none(alice: Registered) -> None:
    mine = known(alice)
    foreign = mine[:16] + StateKeys([b"x" * 32]).digest("chain", b"0", mine[:16])[:16]
    flood(alice)
    for token in (
        mine[:31] + bytes([mine[31] ^ 1]),
        bytes([mine[0] ^ 1]) + mine[1:],
        mine[:16],
        mine + b"\0",
        foreign,
    ):
        assert try_app(alice, alice.app_code(), token).outcome == Outcome.TOO_MANY_TRIES


def test_the_token_of_one_person_is_worth_nothing_for_another(alice: Registered) -> None:
    bob = register(alice.worker, "bob")
    theirs = known(bob)
    flood(alice)
    assert try_app(alice, alice.app_code(), theirs).outcome == Outcome.TOO_MANY_TRIES


@pytest.mark.parametrize("methods", [(), (MethodKind.TOTP,), (MethodKind.EMAIL,)])
def test_too_few_proofs_make_no_browser_known(alice: Registered, methods: tuple[MethodKind, ...]) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, *methods)
    alice.worker.clock.move(61)
    flood(alice)
    assert try_app(alice, alice.app_code(), opened.chain).outcome == Outcome.TOO_MANY_TRIES


def test_a_decoy_makes_no_browser_known(alice: Registered) -> None:
    opened = alice.worker.begin("zed")
    for offer in opened.offers:
        alice.worker.check(opened.attempt, offer.factor, alice.app_code())
    with alice.worker.state.reading() as tx:
        assert tx.execute(select(func.count()).select_from(chains)).scalar_one() == 0


def test_a_stolen_token_guesses_no_more_than_strangers_may(alice: Registered) -> None:
    mine = known(alice)
    for _ in range(42):
        opened = alice.worker.begin("alice", chain=mine)
        app = next(offer.factor for offer in opened.offers if offer.method is MethodKind.TOTP)
        alice.worker.check(opened.attempt, app, WRONG)
        alice.worker.clock.move(2 * DAY)
    assert try_app(alice, alice.app_code(), mine).outcome == Outcome.WRONG_CODE
    opened = alice.worker.begin("alice", chain=mine)
    alice.prove(opened, MethodKind.EMAIL, MethodKind.TOTP)


@pytest.mark.parametrize("days", [180, 181])
def test_a_browser_is_known_for_half_a_year(alice: Registered, days: int) -> None:
    mine = known(alice)
    alice.worker.clock.move(days * DAY - 3600)
    sweep(alice.worker.state, now=alice.worker.clock.now())
    while try_app(alice, WRONG).outcome == Outcome.WRONG_CODE:
        pass
    expected = Outcome.DONE if days == 180 else Outcome.TOO_MANY_TRIES
    assert try_app(alice, alice.app_code(), mine).outcome == expected


def test_a_person_has_so_many_known_browsers_and_the_oldest_goes(alice: Registered) -> None:
    tokens = []
    for _ in range(MOST + 1):
        opened = alice.worker.begin("alice", Operation.UNLOCK)
        alice.prove(opened, MethodKind.TOTP)
        alice.worker.clock.move(61)
        tokens.append(opened.chain)
    flood(alice)
    assert try_app(alice, WRONG, tokens[0]).outcome == Outcome.TOO_MANY_TRIES
    assert try_app(alice, WRONG, tokens[1]).outcome == Outcome.WRONG_CODE


def revoke_alice(alice: Registered) -> None:
    owner = Addressee(directory="corp", guid=alice.account.guid)
    revoke(alice.worker.context, owner, since=alice.worker.clock.now() + 1, reference="ABCD-EFGH")


def revoke_everything(alice: Registered) -> None:
    assert forget_browsers(alice.worker.context, dry_run=False) == 1


@pytest.mark.parametrize("revoked", [revoke_alice, revoke_everything])
def test_a_stolen_token_is_worth_nothing_after_a_revocation_whatever_is_proven_later(
    alice: Registered, revoked: Callable[[Registered], None]
) -> None:
    stolen = known(alice)
    revoked(alice)
    opened = alice.worker.begin("alice", chain=stolen)
    assert opened.chain != stolen
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    alice.worker.clock.move(61)
    flood(alice)
    assert try_app(alice, alice.app_code(), stolen).outcome == Outcome.TOO_MANY_TRIES
    assert try_app(alice, alice.app_code(), opened.chain).outcome == Outcome.DONE


def test_a_token_that_was_copied_before_its_browser_was_known_is_worth_nothing_after_a_revocation(
    alice: Registered,
) -> None:
    known(alice)
    under_way = alice.worker.begin("alice")
    revoke_everything(alice)
    alice.prove(under_way, MethodKind.TOTP, MethodKind.EMAIL)
    alice.worker.clock.move(61)
    flood(alice)
    assert try_app(alice, alice.app_code(), under_way.chain).outcome == Outcome.TOO_MANY_TRIES


def test_strangers_leave_the_last_quarter_of_all_mails_to_known_browsers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = ceiling_for_tests()
    tight = replace(made, limits=replace(made.limits, sends_per_site=(Rate(count=8, seconds=DAY),)))
    worker = FakeWorker(tmp_path_factory.mktemp("tight"), ceiling=tight)
    alice = register(worker)
    others = [register(worker, name) for name in ("bob", "carol")]
    worker.clock.move(DAY)
    mine = known(alice)
    for person in others:
        for _ in range(3):
            opened = worker.begin(person.account.name)
            mail = next(offer.factor for offer in opened.offers if offer.method is MethodKind.EMAIL)
            worker.start(opened.attempt, mail)
            worker.clock.move(61)
    worker.mails()
    assert ask_for_mail(alice).outcome == Outcome.DONE
    assert not worker.mails(), "strangers are not told that the site has sent enough"
    worker.clock.move(61)
    assert ask_for_mail(alice, mine).outcome == Outcome.DONE
    assert len(worker.mails()) == 1
    worker.state.close()


@pytest.mark.race
def test_tries_at_two_workers_at_once_are_counted_together(alice: Registered) -> None:
    mine, other = known(alice), alice.worker.successor()
    workers = [alice.worker, other] * 6

    def attempt(worker: FakeWorker) -> Outcome:
        return try_app(alice, WRONG, mine, worker=worker).outcome

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(attempt, workers))
    other.state.close()
    # Five of the browser's own, then five of the strangers'.
    assert outcomes.count(Outcome.WRONG_CODE) == 10
    assert outcomes.count(Outcome.TOO_MANY_TRIES) == 2


def test_an_unlock_makes_a_browser_known_too(alice: Registered) -> None:
    opened = alice.worker.begin("alice", Operation.UNLOCK)
    alice.prove(opened, MethodKind.TOTP)
    alice.worker.clock.move(61)
    flood(alice)
    assert try_app(alice, alice.app_code(), opened.chain).outcome == Outcome.DONE
