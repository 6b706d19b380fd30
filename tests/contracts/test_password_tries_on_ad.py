"""Against a real AD: tries at a password that run side by side never lock the account."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.lab import Lab
from deploy.dev.lab import Person as LabPerson
from tests.contracts.conftest import PASSWORD
from tests.fakes.worker import FakeWorker, ceiling_for_tests
from writeback.ceiling import Rate, Scope
from writeback.clock import SystemClock
from writeback.directory.active_directory import ActiveDirectory
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ChangePassword, Operation, SignIn

WRONG = Outcome.WRONG_PASSWORD
NEW = "Velvet-orchard-8812"
MANY = (Rate(count=1000, seconds=3600),)
USUAL_THRESHOLD = 5


class LabWorker(FakeWorker):
    """A worker in front of the lab's forest, with the real time."""

    def stand_before(self, directory: ActiveDirectory) -> None:
        self.site.directories, self.site.clock = {"corp": directory}, SystemClock()


def make_worker(folder: Path, lab: Lab, directory: ActiveDirectory, url: str) -> LabWorker:
    made = ceiling_for_tests()
    ceiling = replace(
        made,
        scope=Scope(bases=(f"OU=Staff,{lab.base_dn}",)),
        limits=replace(made.limits, signins_per_user=MANY, failed_signins=MANY, per_user=MANY, site=MANY),
    )
    worker = LabWorker(folder, ceiling=ceiling, url=url)
    worker.clock.move(SystemClock().now() - worker.clock.now())
    worker.stand_before(directory)
    return worker


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def workers(
    request: pytest.FixtureRequest, lab: Lab, active_directory: ActiveDirectory, tmp_path: Path
) -> Iterator[list[LabWorker]]:
    """Two workers of one site: two processes' worth of memory on one state."""
    url = f"sqlite:///{tmp_path / 'state.db'}"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.make_database(f"tries{tmp_path.name[-8:].replace('-', '')}".lower())
    made = [make_worker(tmp_path, lab, active_directory, url) for _ in range(2)]
    yield made
    for worker in made:
        worker.state.close()


@pytest.fixture
def set_threshold(lab: Lab, active_directory: ActiveDirectory) -> Iterator[Callable[[int], None]]:
    """Set the domain's threshold; the adapter remembers the old one for seconds, so it is told to forget."""

    def set_to(threshold: int) -> None:
        lab.set_policy(lockout_threshold=threshold)
        active_directory.policy(None)

    yield set_to
    set_to(USUAL_THRESHOLD)


def count_of(lab: Lab, person: LabPerson) -> tuple[int, bool]:
    """Return AD's own count of wrong passwords, and whether the account is locked."""
    found = lab.read(person, "badPwdCount", "lockoutTime")
    return int((found.get("badPwdCount") or [b"0"])[0]), bool(int((found.get("lockoutTime") or [b"0"])[0]))


def sign_in(worker: LabWorker, name: str, password: str) -> Answer:
    return worker.ask(SignIn(site="main", name=name), password)


def change(worker: LabWorker, attempt: bytes, old: str) -> Answer:
    return worker.ask(ChangePassword(site="main", attempt=attempt), NEW, old)


@pytest.mark.parametrize(
    ("threshold", "before"), [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2), (4, 1), (5, 0), (5, 2)]
)
def test_simultaneous_wrong_passwords_lock_nobody(
    lab: Lab,
    workers: list[LabWorker],
    set_threshold: Callable[[int], None],
    threshold: int,
    before: int,
) -> None:
    person = lab.add_person(password=PASSWORD)
    for _ in range(before):
        assert lab.bind(person.dn, "Wrong-old-word-1") == "52e"
    set_threshold(threshold)
    attempts = [workers[number % 2].begin(person.name, Operation.CHANGE).attempt for number in range(6)]

    def wrong(number: int) -> Answer:
        worker = workers[number % 2]
        if number < 3:
            return sign_in(worker, person.name, "Wrong-old-word-2")
        return change(worker, attempts[number], "Wrong-old-word-3")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(wrong, range(6)))
    assert [answer.outcome for answer in answers] == [WRONG] * 6
    assert len(set(map(repr, answers))) == 1, "all answers say the same about how long wrong tries count"
    counted, locked = count_of(lab, person)
    assert not locked
    assert before <= counted < threshold
    for _ in range(threshold):  # one after the other, too, AD's count stops one below the threshold
        assert sign_in(workers[0], person.name, "Wrong-old-word-4").outcome is WRONG
    assert count_of(lab, person) == (threshold - 1, False)
