"""A stranger who keeps an attempt open learns nothing by it of what others do to that person meanwhile."""

from collections.abc import Callable

import pytest

from tests.fakes.worker import PASSWORD, Registered
from writeback.envelope.answers import Answer, AttemptOpened, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, RemoveFactor, ResetPassword, UnlockAccount
from writeback.envelope.methods import MethodKind
from writeback.proof.revoking import Addressee, revoke

MINUTE = 60
NEW = "Spring-sun-77"


def by_reset(alice: Registered) -> None:
    opened = alice.worker.begin("alice@mail.example")
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    assert alice.worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW).outcome is Outcome.DONE


def by_unlock(alice: Registered) -> None:
    alice.worker.corp.change_account(alice.account.guid, locked=True)
    opened = alice.worker.begin("alice@mail.example", Operation.UNLOCK)
    alice.prove(opened, MethodKind.TOTP)
    assert alice.worker.ask(UnlockAccount(site="main", attempt=opened.attempt)).outcome is Outcome.DONE


def by_change(alice: Registered) -> None:
    opened = alice.worker.begin("alice@mail.example", Operation.CHANGE)
    job = ChangePassword(site="main", attempt=opened.attempt)
    assert alice.worker.ask(job, NEW, PASSWORD).outcome is Outcome.DONE


def by_revocation(alice: Registered) -> None:
    revoke(
        alice.worker.context,
        Addressee(directory="corp", guid=alice.account.guid),
        since=0,
        reference="ABCD-EFGH",
    )


def by_removal(alice: Registered) -> None:
    """The mailbox that a code was sent to is taken out of the register."""
    session = alice.worker.sign_in("alice")
    app = next(offer.factor for offer in session.offers if offer.method is MethodKind.TOTP)
    assert alice.worker.check(session.attempt, app, alice.app_code()).outcome is Outcome.DONE
    listed = alice.worker.list_factors(session.attempt).factors
    mail = next(one.factor for one in listed if one.method is MethodKind.EMAIL)
    removed = alice.worker.ask(RemoveFactor(site="main", attempt=session.attempt, factor=mail))
    assert removed.outcome is Outcome.DONE


DEEDS: dict[str, Callable[[Registered], None]] = {
    "a reset": by_reset,
    "an unlock": by_unlock,
    "a change": by_change,
    "a revocation": by_revocation,
    "a mailbox is removed": by_removal,
}


def way(opened: AttemptOpened, method: MethodKind) -> bytes:
    return next(offer.factor for offer in opened.offers if offer.method is method)


def watch(alice: Registered, name: str, deed: Callable[[Registered], None]) -> list[Answer]:
    """What a stranger hears who began two attempts for a name, before and after the deed."""
    worker = alice.worker
    opened, other = worker.begin(name), worker.begin(name, Operation.CHANGE)
    mail, app, paper = (
        way(opened, method) for method in (MethodKind.EMAIL, MethodKind.TOTP, MethodKind.BACKUP_CODES)
    )
    heard = [worker.start(opened.attempt, mail), worker.check(opened.attempt, mail, "00000000")]
    heard.append(worker.check(opened.attempt, app, "000000"))
    worker.mails()
    worker.clock.move(MINUTE + 1)
    deed(alice)
    heard += [worker.check(opened.attempt, mail, "00000000") for _ in range(3)]
    heard += [worker.check(opened.attempt, app, "000000") for _ in range(5)]
    heard += [worker.check(opened.attempt, paper, "A" * 13), worker.start(opened.attempt, mail)]
    heard += [worker.check(opened.attempt, mail, "00000000"), worker.start(opened.attempt, app)]
    heard.append(worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW))
    heard.append(worker.ask(ChangePassword(site="main", attempt=other.attempt), NEW, "wrong"))
    worker.clock.move(5 * MINUTE)
    heard.append(worker.check(opened.attempt, app, "000000"))
    return heard


@pytest.mark.parametrize("what", list(DEEDS))
def test_a_write_to_a_person_shows_in_no_strangers_attempt(alice: Registered, what: str) -> None:
    said = watch(alice, "alice", DEEDS[what])
    assert said == watch(alice, "zedda", lambda _: None)
    assert Answer(outcome=Outcome.ATTEMPT_GONE) not in said[:-1]


def test_the_owner_is_told_of_an_ended_attempt_with_proofs(alice: Registered) -> None:
    opened = alice.worker.begin("alice")
    alice.prove(opened, MethodKind.TOTP)
    alice.worker.clock.move(MINUTE + 1)
    by_reset(alice)
    assert alice.worker.start(opened.attempt, way(opened, MethodKind.EMAIL)).outcome is Outcome.ATTEMPT_GONE


def test_no_code_is_right_in_an_attempt_that_became_a_decoy(alice: Registered) -> None:
    worker = alice.worker
    opened = worker.begin("alice")
    worker.start(opened.attempt, way(opened, MethodKind.EMAIL))
    code = worker.mailed_code()
    worker.clock.move(MINUTE + 1)
    by_unlock(alice)
    worker.clock.move(MINUTE)
    assert worker.check(opened.attempt, way(opened, MethodKind.EMAIL), code).outcome is Outcome.WRONG_CODE
    assert (
        worker.check(opened.attempt, way(opened, MethodKind.TOTP), alice.app_code()).outcome
        is Outcome.WRONG_CODE
    )
    worker.mails()
    assert worker.start(opened.attempt, way(opened, MethodKind.EMAIL)).outcome is Outcome.DONE
    assert worker.mails() == []
    answer = worker.ask(ResetPassword(site="main", attempt=opened.attempt), "Summer-sea-88")
    assert answer == Answer(outcome=Outcome.NOT_PROVEN)
