"""A site of two directories: each name means one person or nobody, and nobody meets a namesake's account."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.fakes.directory import FakeDirectory
from tests.fakes.worker import PASSWORD, FakeWorker, Registered, enrol_all, facts, step_up
from writeback.envelope.answers import Answer, AttemptOpened, Outcome, PolicyFacts, SignedIn
from writeback.envelope.jobs import (
    Begin,
    ChangePassword,
    CheckGroups,
    Operation,
    ReadPolicy,
    ResetPassword,
    SignIn,
)
from writeback.envelope.methods import MethodKind
from writeback.envelope.questions import GroupKind, GroupsChecked
from writeback.ports import Account, DirectoryAway
from writeback.state.tables import attempts

NEW = "Quiet-river-1881"
WAITS = 2 * 24 * 3600
TWO_FACTORS = (MethodKind.EMAIL, MethodKind.TOTP)


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[FakeWorker]:
    """A worker that serves corp.example and eu.example."""
    made = FakeWorker(tmp_path)
    made.serve(made.corp, FakeDirectory(made.clock, id="eu"))
    yield made
    made.state.close()


@pytest.fixture
def eu(worker: FakeWorker) -> FakeDirectory:
    found = worker.site.directories["eu"]
    assert isinstance(found, FakeDirectory)
    return found


def register(worker: FakeWorker, account: Account, name: str) -> Registered:
    """Register the owner of an account, who types this name, and wait until the cool-down is over."""
    session = worker.sign_in(name)
    assert session.account == account.guid
    step_up(worker, session)
    person = enrol_all(worker, session, account, f"{account.name}@{account.directory}.home.example")
    worker.mails()
    worker.clock.move(WAITS)
    return person


def opened_for(worker: FakeWorker, name: str) -> str:
    """Begin a reset, and return the objectGUID of whoever is served, as the audit has it."""
    worker.begin(name)
    return str(worker.audit.of("attempt.opened")[-1]["account"])


def is_decoy(worker: FakeWorker, name: str) -> bool:
    """Tell whether a reset under a name serves nobody."""
    worker.begin(name)
    return bool(worker.audit.of("attempt.opened")[-1]["verdict"])


def begin_answer(worker: FakeWorker, name: str, operation: Operation = Operation.RESET) -> Answer:
    answer = worker.give(worker.seal(Begin(site="main", operation=operation, name=name)))
    assert answer
    return answer


def sign_in_answer(worker: FakeWorker, name: str, password: str = PASSWORD) -> Answer:
    answer = worker.give(worker.seal(SignIn(site="main", name=name), password))
    assert answer
    return answer


@pytest.mark.parametrize("typed", ["zoe", r"EU\zoe", "zoe@eu.example", "eu/zoe"])
def test_person_of_the_second_directory_resets_there(
    worker: FakeWorker, eu: FakeDirectory, typed: str
) -> None:
    zoe = register(worker, eu.add("zoe"), "zoe")
    opened = worker.begin(typed)
    zoe.prove(opened, *TWO_FACTORS)
    answer = worker.ask(ResetPassword(site="main", attempt=opened.attempt), NEW)
    assert answer.outcome is Outcome.DONE
    assert (eu.writes, worker.corp.writes) == (["reset zoe"], [])


def test_answer_names_the_directory_after_proof(worker: FakeWorker, eu: FakeDirectory) -> None:
    eu.add("zoe")
    assert facts(sign_in_answer(worker, "zoe"), SignedIn).directory == "eu"


def test_nobody_is_served_under_a_name_of_two_directories(worker: FakeWorker, eu: FakeDirectory) -> None:
    one, other = worker.corp.add("alice"), eu.add("alice")
    assert is_decoy(worker, "alice")
    (told,) = worker.audit.of("account.ambiguous")
    assert told["dns"] == f"{one.dn} | {other.dn}"


@pytest.mark.parametrize(
    ("typed", "directory"),
    [
        (r"CORP\alice", "corp"),
        ("alice@corp.example", "corp"),
        (r"EU\alice", "eu"),
        ("alice@eu.example", "eu"),
    ],
)
def test_qualified_name_means_its_own_directory(
    worker: FakeWorker, eu: FakeDirectory, typed: str, directory: str
) -> None:
    accounts = {"corp": worker.corp.add("alice"), "eu": eu.add("alice")}
    assert opened_for(worker, typed) == accounts[directory].guid.hex()


def test_shared_upn_suffix_serves_nobody_if_two_have_the_same_upn(
    worker: FakeWorker, eu: FakeDirectory
) -> None:
    worker.corp.add("alice", upn="alice@shared.example")
    assert not is_decoy(worker, "alice@shared.example")
    eu.add("asmith", upn="alice@shared.example")
    assert is_decoy(worker, "alice@shared.example")


def test_mail_address_that_is_a_upn_elsewhere_serves_nobody(worker: FakeWorker, eu: FakeDirectory) -> None:
    worker.corp.add("alice")
    eu.add("bob", mail="alice@corp.example")
    assert is_decoy(worker, "alice@corp.example")
    assert not is_decoy(worker, r"CORP\alice")


def test_password_is_not_tried_on_a_namesake(worker: FakeWorker, eu: FakeDirectory) -> None:
    worker.corp.add("alice")
    eu.add("alice", "Other-word-93")
    answer = sign_in_answer(worker, "alice")
    assert answer.outcome is Outcome.WRONG_PASSWORD
    assert (worker.corp.binds, eu.binds) == ([], [])


def test_ways_of_namesakes_are_kept_apart(worker: FakeWorker, eu: FakeDirectory) -> None:
    register(worker, worker.corp.add("alice"), r"CORP\alice")
    eu.add("alice")
    session = worker.sign_in(r"EU\alice")
    assert session.first
    assert worker.list_factors(session.attempt).factors == ()


def test_qualified_name_of_a_directory_that_is_away_is_told_so(worker: FakeWorker, eu: FakeDirectory) -> None:
    eu.add("zoe")
    eu.away = True
    assert begin_answer(worker, "zoe@eu.example").outcome is Outcome.DIRECTORY_AWAY
    assert begin_answer(worker, "nobody@eu.example").outcome is Outcome.DIRECTORY_AWAY


@pytest.mark.parametrize("typed", ["zoe", r"EU\zoe", "nobody"])
def test_directory_that_was_never_reached_is_known_by_no_name(
    worker: FakeWorker, eu: FakeDirectory, typed: str
) -> None:
    eu.add("zoe")
    eu.away = eu.never_reached = True
    assert is_decoy(worker, typed)
    assert sign_in_answer(worker, typed).outcome is Outcome.DIRECTORY_AWAY


def test_others_reset_while_one_directory_is_away(worker: FakeWorker, eu: FakeDirectory) -> None:
    alice = worker.corp.add("alice")
    eu.away = True
    assert opened_for(worker, "alice") == alice.guid.hex()
    assert worker.audit.of("attempt.opened")[-1]["away"] == "eu"


def test_unqualified_name_that_was_not_found_is_a_decoy_while_one_directory_is_away(
    worker: FakeWorker, eu: FakeDirectory
) -> None:
    eu.add("zoe")
    eu.away = True
    assert isinstance(begin_answer(worker, "zoe").facts, AttemptOpened)
    assert is_decoy(worker, "zoe")


@pytest.mark.parametrize("name", ["alice", "zoe", "nobody"])
def test_password_under_an_unqualified_name_waits_for_the_directory_that_is_away(
    worker: FakeWorker, eu: FakeDirectory, name: str
) -> None:
    worker.corp.add("alice")
    eu.add("zoe")
    eu.away = True
    assert sign_in_answer(worker, name).outcome is Outcome.DIRECTORY_AWAY
    assert begin_answer(worker, name, Operation.CHANGE).outcome is Outcome.DIRECTORY_AWAY
    assert worker.corp.binds == []


def test_qualified_person_signs_in_while_another_directory_is_away(
    worker: FakeWorker, eu: FakeDirectory
) -> None:
    alice = worker.corp.add("alice")
    eu.away = True
    assert facts(sign_in_answer(worker, r"CORP\alice"), SignedIn).account == alice.guid


@pytest.mark.parametrize("typed", ["alice", "zoe", "nobody", r"EU\zoe", r"CORP\nobody"])
def test_directory_that_goes_away_during_a_change_reads_like_a_wrong_password(
    worker: FakeWorker, eu: FakeDirectory, typed: str
) -> None:
    worker.corp.add("alice", "Another-word-77")
    eu.add("zoe")
    opened = worker.begin(typed, Operation.CHANGE)
    eu.away = True
    job = ChangePassword(site="main", attempt=opened.attempt)
    answer = worker.give(worker.seal(job, NEW, PASSWORD))
    assert answer
    assert answer.outcome is Outcome.WRONG_PASSWORD


def test_everybody_is_told_if_all_directories_are_away(worker: FakeWorker, eu: FakeDirectory) -> None:
    worker.corp.away = eu.away = True
    assert begin_answer(worker, "alice").outcome is Outcome.DIRECTORY_AWAY


def test_rules_are_told_to_all_if_they_are_the_same(worker: FakeWorker, eu: FakeDirectory) -> None:
    assert facts(worker.ask(ReadPolicy(site="main")), PolicyFacts) == worker.corp.rules
    eu.rules = PolicyFacts(min_length=14, complexity=True, history=5, min_age=0)
    assert worker.ask(ReadPolicy(site="main")) == Answer(outcome=Outcome.DONE)


def test_attempt_of_a_directory_that_is_served_no_more_is_gone(worker: FakeWorker, eu: FakeDirectory) -> None:
    zoe = register(worker, eu.add("zoe"), "zoe")
    opened = worker.begin("zoe")
    zoe.prove(opened, *TWO_FACTORS)
    worker.serve(worker.corp)
    job = ResetPassword(site="main", attempt=opened.attempt)
    assert worker.ask(job, NEW).outcome is Outcome.ATTEMPT_GONE
    assert worker.ask(ReadPolicy(site="main", attempt=opened.attempt)).outcome is Outcome.ATTEMPT_GONE


@pytest.mark.parametrize("operation", [Operation.RESET, Operation.CHANGE])
def test_spellings_of_one_name_count_as_one(worker: FakeWorker, operation: Operation) -> None:
    for typed in (r"EU\zoe", "zoe@eu.example", "EU/Zoe", r"CORP\zoe", "zoe@corp.example", "zoe"):
        worker.begin(typed, operation)
    with worker.state.reading() as tx:
        counted = [row.typed for row in tx.execute(select(attempts).order_by(attempts.c.created))]
    eu, corp, bare = set(counted[:3]), set(counted[3:5]), set(counted[5:])
    assert [len(eu), len(corp), len(bare)] == [1, 1, 1]
    assert len(eu | corp | bare) == 3


def test_group_is_reported_while_another_directory_is_away(worker: FakeWorker, eu: FakeDirectory) -> None:
    there, gone = "CN=nurses,OU=Groups,DC=eu,DC=example", "CN=gone,OU=Groups,DC=eu,DC=example"
    eu.groups[there] = "S-1-5-21-9-9-9-5001"
    worker.corp.away = True
    checked = facts(worker.ask(CheckGroups(site="main", groups=(there,))), GroupsChecked)
    assert [group.kind for group in checked.groups] == [GroupKind.SECURITY]
    with pytest.raises(DirectoryAway):  # which intake answers; the group may be in the directory that is away
        worker.ask(CheckGroups(site="main", groups=(gone,)))
