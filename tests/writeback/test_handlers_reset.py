"""ResetPassword and UnlockAccount: proofs first, the account as it is now, one write, the truth, a notice."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.fakes.directory import DC, DOMAIN
from tests.fakes.worker import FakeWorker, Registered, facts, register
from writeback.envelope.answers import Answer, Applied, AttemptOpened, Outcome, PolicyRefusal, Rule
from writeback.envelope.jobs import Operation, ResetPassword, UnlockAccount, reference_of
from writeback.envelope.methods import MethodKind
from writeback.envelope.secret import Secret
from writeback.handlers import resolve_intents
from writeback.journal import SqlJournal
from writeback.ports import Account, Intent, Notices, StateAway
from writeback.proof import SqlRegister
from writeback.state.tables import factors

NEW = "Spring-sun-77"
GONE = Answer(outcome=Outcome.ATTEMPT_GONE)


def proven(alice: Registered, operation: Operation = Operation.RESET) -> AttemptOpened:
    opened = alice.worker.begin("alice", operation)
    alice.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
    return opened


def reset(alice: Registered, opened: AttemptOpened, password: str = NEW) -> Answer:
    return alice.worker.ask(ResetPassword(site="main", attempt=opened.attempt), password)


def password_of(alice: Registered) -> str:
    return alice.worker.corp.people[alice.account.guid].password


def test_two_proofs_set_a_new_password_once(alice: Registered) -> None:
    opened = proven(alice)
    answer = reset(alice, opened)
    now, guid = int(alice.worker.clock.now()), alice.account.guid
    assert facts(answer, Applied) == Applied(at=now, unlocked=False, dc=DC, account=guid, directory="corp")
    assert password_of(alice) == NEW
    assert reset(alice, opened, "Other-word-99") == GONE
    assert alice.worker.corp.writes == ["reset alice"]


def test_every_address_hears_of_it_under_the_reference_of_the_attempt(alice: Registered) -> None:
    opened = proven(alice)
    reset(alice, opened)
    notes = alice.worker.mails()
    assert {(note.kind, note.to.reveal()) for note in notes} == {
        ("notice-reset", "alice@mail.example"),
        ("notice-reset", "alice@home.example"),
    }
    assert notes[0].parameters["reference"] == reference_of(opened.attempt)
    assert notes[0].parameters["account"] == "alice@corp.example"


def test_each_step_is_in_the_audit_under_one_reference_and_without_a_secret(alice: Registered) -> None:
    alice.worker.audit.events.clear()
    opened = proven(alice)
    reset(alice, opened)
    mine = [
        event
        for event, reference, _ in alice.worker.audit.events
        if reference == reference_of(opened.attempt)
    ]
    assert mine == [
        "attempt.opened",
        "factor.checked",
        "factor.started",
        "factor.checked",
        "write.intent",
        "write.outcome",
    ]
    assert NEW not in repr(alice.worker.audit.events)


def test_a_write_that_cannot_be_recorded_is_not_done_and_costs_no_proof(alice: Registered) -> None:
    opened = proven(alice)
    alice.worker.audit.full = True
    assert reset(alice, opened) == Answer(outcome=Outcome.STATE_AWAY)
    assert alice.worker.corp.writes == []
    alice.worker.audit.full = False
    assert reset(alice, opened).outcome is Outcome.DONE


@pytest.mark.parametrize(
    "methods", [(), (MethodKind.TOTP,), (MethodKind.EMAIL,), (MethodKind.TOTP, MethodKind.TOTP)]
)
def test_fewer_than_two_proofs_change_nothing(alice: Registered, methods: tuple[MethodKind, ...]) -> None:
    opened = alice.worker.begin("alice")
    for method in methods:
        alice.prove(opened, method)
        alice.worker.clock.move(60)
    assert reset(alice, opened) == Answer(outcome=Outcome.NOT_PROVEN)
    assert alice.worker.corp.writes == []


def test_an_invented_attempt_changes_nothing(alice: Registered) -> None:
    answer = alice.worker.ask(ResetPassword(site="main", attempt=b"x" * 16), NEW)
    assert answer == GONE


def test_proofs_of_an_unlock_do_not_reset(alice: Registered) -> None:
    assert reset(alice, proven(alice, Operation.UNLOCK)) == GONE


def test_a_refused_password_says_which_rule_and_costs_no_proof(alice: Registered) -> None:
    opened = proven(alice)
    answer = reset(alice, opened, "short")
    assert answer.outcome == Outcome.REFUSED_BY_POLICY
    assert isinstance(answer.facts, PolicyRefusal)
    assert Rule.MIN_LENGTH in answer.facts.rules
    assert alice.worker.mails() == []
    assert reset(alice, opened).outcome == Outcome.DONE


@pytest.mark.parametrize("password", ["", "a\0b" * 5, "x" * 129, "\ud800" * 10, "\U0001f600" * 65])
def test_a_password_that_ad_can_not_take_as_it_is_never_gets_there(alice: Registered, password: str) -> None:
    opened = proven(alice)
    assert reset(alice, opened, password) == Answer(outcome=Outcome.UNUSABLE_PASSWORD)
    assert alice.worker.corp.writes == []
    assert reset(alice, opened).outcome == Outcome.DONE


@pytest.mark.parametrize(
    "password", ["  Blank-ends-1  ", "Qu\"o'te;$(id)%PATH%1", "Ä\u0308" * 40 + "a1", "Aa1" * 42 + "xy"]
)
def test_a_password_reaches_the_directory_as_it_was_typed(alice: Registered, password: str) -> None:
    assert reset(alice, proven(alice), password).outcome == Outcome.DONE
    assert password_of(alice) == password


def test_a_locked_account_is_unlocked_with_its_new_password(alice: Registered) -> None:
    alice.worker.corp.change_account(alice.account.guid, locked=True)
    assert facts(reset(alice, proven(alice)), Applied).unlocked


CHANGES: dict[str, tuple[dict[str, object], Outcome]] = {
    "disabled": ({"disabled": True}, Outcome.ACCOUNT_DISABLED),
    "expired": ({"expired": True}, Outcome.ACCOUNT_EXPIRED),
    "moved away": ({"dn": "CN=alice,OU=Guests,DC=corp,DC=example"}, Outcome.OUT_OF_SCOPE),
    "made an admin": ({"sids": frozenset({f"{DOMAIN}-1", f"{DOMAIN}-512"})}, Outcome.PROTECTED_ACCOUNT),
    "once an admin": ({"admin_count": True}, Outcome.PROTECTED_ACCOUNT),
}


@pytest.mark.parametrize("what", list(CHANGES))
@pytest.mark.parametrize("operation", [Operation.RESET, Operation.UNLOCK])
def test_a_change_by_an_admin_during_the_attempt_holds(
    alice: Registered, what: str, operation: Operation
) -> None:
    opened = proven(alice, operation)
    changes, outcome = CHANGES[what]
    alice.worker.corp.change_account(alice.account.guid, locked=True, **changes)
    jobs = {Operation.RESET: ResetPassword, Operation.UNLOCK: UnlockAccount}
    answer = alice.worker.ask(jobs[operation](site="main", attempt=opened.attempt), NEW)
    assert answer == Answer(outcome=outcome)
    assert alice.worker.corp.writes == []


def test_an_account_that_is_gone_is_reported_as_gone(alice: Registered) -> None:
    opened = proven(alice)
    del alice.worker.corp.people[alice.account.guid]
    assert reset(alice, opened) == Answer(outcome=Outcome.ACCOUNT_GONE)


def test_the_password_is_opened_after_everything_else_was_checked(alice: Registered) -> None:
    opened = proven(alice)
    alice.worker.corp.change_account(alice.account.guid, disabled=True)
    steps: list[str] = []

    def open_passwords() -> tuple[Secret, ...]:
        steps.append("opened")
        return (Secret(NEW),)

    job = ResetPassword(site="main", attempt=opened.attempt)
    request = alice.worker.request(job, jti=b"j" * 16)
    request = replace(request, passwords=open_passwords, unwrap=lambda: steps.append("unwrapped"))
    assert alice.worker.handle(request) == Answer(outcome=Outcome.ACCOUNT_DISABLED)
    assert steps == ["unwrapped"]  # their key, while the directory was asked; they themselves stay closed


def test_no_password_is_unwrapped_without_enough_proofs(alice: Registered) -> None:
    opened = alice.worker.begin("alice", Operation.RESET)
    job = ResetPassword(site="main", attempt=opened.attempt)
    steps: list[str] = []
    request = alice.worker.request(job, jti=b"j" * 16)
    request = replace(request, unwrap=lambda: steps.append("unwrapped"))
    assert alice.worker.handle(request) == Answer(outcome=Outcome.NOT_PROVEN)
    assert steps == []


def test_a_notice_opens_no_secret_of_another_way(alice: Registered) -> None:
    opened = proven(alice)
    with alice.worker.state.writing() as tx:
        spoilt = update(factors).where(factors.c.method == MethodKind.TOTP).values(secret=b"sealed by nobody")
        assert tx.execute(spoilt).rowcount == 1
    assert reset(alice, opened).outcome == Outcome.DONE
    assert len(alice.worker.mails()) == 2


class HeldUp(SqlJournal):
    """A journal whose machine comes to rest between an INTENT and its write, while `meanwhile` goes on."""

    def __init__(self, worker: FakeWorker, meanwhile: Callable[[], object]) -> None:
        super().__init__(worker.state, worker.keys, worker.clock, worker.ceiling)
        self._meanwhile = meanwhile

    def intend(self, intent: Intent) -> Answer | None:
        refusal = super().intend(intent)
        self._meanwhile()
        return refusal


def test_a_write_that_was_held_up_after_its_intent_is_not_begun_and_costs_no_proof(alice: Registered) -> None:
    opened = proven(alice)
    journal = alice.worker.site.journal
    alice.worker.site.journal = HeldUp(alice.worker, lambda: alice.worker.clock.move(4))
    assert reset(alice, opened) == Answer(outcome=Outcome.DIRECTORY_AWAY)
    assert (alice.worker.corp.writes, alice.worker.mails()) == ([], [])
    alice.worker.site.journal = journal
    assert reset(alice, opened).outcome == Outcome.DONE


def test_another_workers_verdict_on_a_delayed_write_holds(alice: Registered) -> None:
    opened, other = proven(alice), alice.worker.successor()

    def meanwhile() -> None:
        alice.worker.clock.move(16)
        resolve_intents(other.site)

    alice.worker.site.journal = HeldUp(alice.worker, meanwhile)
    assert reset(alice, opened) == Answer(outcome=Outcome.CLOSED)
    assert alice.worker.corp.writes == []
    other.state.close()


@pytest.mark.race
def test_twenty_submits_at_once_are_one_write(alice: Registered) -> None:
    opened = proven(alice)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: reset(alice, opened), range(20)))
    assert [answer.outcome for answer in answers].count(Outcome.DONE) == 1
    assert alice.worker.corp.writes == ["reset alice"]


def test_a_missing_right_is_reported_and_costs_no_proof(alice: Registered) -> None:
    opened = proven(alice)
    alice.worker.corp.refuses_writes = True
    assert reset(alice, opened) == Answer(outcome=Outcome.DIRECTORY_REFUSED)
    alice.worker.corp.refuses_writes = False
    assert reset(alice, opened).outcome == Outcome.DONE


def test_unlocking_leaves_the_password(alice: Registered, worker: FakeWorker) -> None:
    worker.corp.change_account(alice.account.guid, locked=True)
    opened = worker.begin("alice", Operation.UNLOCK)
    alice.prove(opened, MethodKind.TOTP)
    answer = worker.ask(UnlockAccount(site="main", attempt=opened.attempt))
    assert facts(answer, Applied).unlocked
    assert worker.corp.writes == ["unlock alice"]
    assert {note.kind for note in worker.mails()} == {"notice-unlock"}


def test_mail_alone_does_not_unlock(alice: Registered, worker: FakeWorker) -> None:
    worker.corp.change_account(alice.account.guid, locked=True)
    opened = worker.begin("alice", Operation.UNLOCK)
    alice.prove(opened, MethodKind.EMAIL)
    answer = worker.ask(UnlockAccount(site="main", attempt=opened.attempt))
    assert answer == Answer(outcome=Outcome.NOT_PROVEN)


def test_an_account_that_is_not_locked_is_told_so_and_keeps_the_proof(
    alice: Registered, worker: FakeWorker
) -> None:
    opened = proven(alice, Operation.UNLOCK)
    job = UnlockAccount(site="main", attempt=opened.attempt)
    assert worker.ask(job) == Answer(outcome=Outcome.NOT_LOCKED)
    worker.corp.change_account(alice.account.guid, locked=True)
    assert worker.ask(job).outcome == Outcome.DONE


class AwayForNotices(SqlRegister):
    """A register that can't be read while the notices of a write are put together, for so many times."""

    failures = 1

    def notices(self, kind: str, account: Account, *, locale: str, parameters: Mapping[str, str]) -> Notices:
        if self.failures:
            self.failures -= 1
            raise StateAway("A value is sealed with a key that is not there.")
        return super().notices(kind, account, locale=locale, parameters=parameters)


def test_no_write_is_made_if_nobody_could_be_notified(alice: Registered) -> None:
    opened = proven(alice)
    alice.worker.site.register = AwayForNotices(alice.worker.context)
    with pytest.raises(StateAway):
        reset(alice, opened)
    assert (alice.worker.corp.writes, alice.worker.mails()) == ([], [])
    assert reset(alice, opened).outcome is Outcome.DONE


def test_an_unresolvable_intent_does_not_block_others(alice: Registered) -> None:
    carol = register(alice.worker, "carol")
    alice.worker.corp.loses_answers = True
    for person in (alice, carol):
        opened = person.worker.begin(person.account.name)
        person.prove(opened, MethodKind.TOTP, MethodKind.EMAIL)
        assert reset(person, opened).outcome is Outcome.UNKNOWN
    alice.worker.clock.move(16)
    alice.worker.site.register = AwayForNotices(alice.worker.context)
    with pytest.raises(StateAway):
        resolve_intents(alice.worker.site)
    assert len(alice.worker.journal.intents()) == 1
    resolve_intents(alice.worker.site)
    assert alice.worker.journal.intents() == []
