"""What keeps people from being judged is told by the worker's health, and to the people on call."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.directory import BASE, DOMAIN
from tests.fakes.worker import FakeWorker, ceiling_for_tests
from writeback.ceiling import Notify
from writeback.couriers.alarms import Alarms
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.ports import CantJudge

OPERATORS = f"CN=Operators,{BASE}"
OPERATORS_SID = f"{DOMAIN}-1999"
HOUR = 3600


class Office:
    """A worker that touches no operator, and the alarms that look at its state."""

    def __init__(self, folder: Path) -> None:
        ceiling = replace(
            ceiling_for_tests(),
            notify=Notify(contact="helpdesk@corp.example", on_call=("ann@corp.example",)),
        )
        self.worker = FakeWorker(folder, ceiling=ceiling)
        self.worker.deny(OPERATORS)
        self.site, self.directory, self.clock = self.worker.site, self.worker.corp, self.worker.clock
        self.directory.groups[OPERATORS] = OPERATORS_SID
        self.alarms = Alarms(
            state=self.worker.state,
            keys=self.worker.keys,
            clock=self.clock,
            audit=self.worker.audit,
            ceiling=ceiling,
        )

    def mails(self) -> set[tuple[str, str]]:
        self.alarms.look()
        return {(note.kind, note.to.reveal()) for note in self.worker.mails()}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.worker.state.close()


def test_a_healthy_site_notifies_nobody(office: Office) -> None:
    office.site.make_judge("corp")
    assert office.site.health("corp").state is DirectoryState.UP
    assert office.mails() == set()


def test_a_group_that_is_gone_degrades_the_directory_and_rings(office: Office) -> None:
    office.directory.groups.clear()
    with pytest.raises(CantJudge):
        office.site.make_judge("corp")
    seen = office.site.health("corp")
    assert seen.state is DirectoryState.DEGRADED
    assert f"{OPERATORS} does not exist" in seen.detail
    assert office.mails() == {("alarm-closed", "ann@corp.example")}
    office.directory.groups[OPERATORS] = OPERATORS_SID
    office.clock.move(60)
    assert office.site.health("corp").state is DirectoryState.UP


def test_an_account_that_can_not_be_judged_degrades_the_directory_for_an_hour_and_rings(
    office: Office,
) -> None:
    hidden = office.directory.add("bob", unreadable=("adminCount",))
    assert office.site.judge(hidden) is Outcome.DIRECTORY_REFUSED
    office.directory.reported.clear()  # what the directory tells by itself aside
    seen = office.site.health("corp")
    assert (seen.state, "can't be judged: 1 " in seen.detail) == (DirectoryState.DEGRADED, True)
    assert office.mails() == {("alarm-unreadable", "ann@corp.example")}
    office.clock.move(HOUR + 1)
    assert office.site.health("corp").state is DirectoryState.UP


def test_typed_names_cannot_fill_the_state(office: Office) -> None:
    for number in range(200):
        office.site.note_unreadable(f"{number:032x}")
        office.site.note_unreadable(f"{number:032x}")
    assert office.site.worries.unreadable() == 50


def test_an_unreachable_directory_is_away_and_nothing_else(office: Office) -> None:
    office.directory.away = True
    assert office.site.health("corp").state is DirectoryState.DOWN
    assert office.mails() == set()
