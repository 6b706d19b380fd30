"""What keeps people from being judged is told by the worker's health, and to the people on call."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.envelope.keys import SITE
from tests.fakes.clock import FakeClock
from tests.fakes.directory import BASE, FakeDirectory
from tests.fakes.memory import ListAudit, MemorySite
from writeback.ceiling import Ceiling, Notify, Scope
from writeback.ceiling.denied import DeniedGroups
from writeback.couriers.alarms import Alarms
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.secret import Secret
from writeback.ports import CantJudge
from writeback.state import SqlAnchors, SqlOutbox, State, StateKeys, Worries
from writeback.worker_site import WorkerSite

OPERATORS = f"CN=Operators,{BASE}"
HOUR = 3600


@dataclass
class Office:
    """A worker's site on a directory in memory, and the alarms that look at its state."""

    site: WorkerSite
    directory: FakeDirectory
    clock: FakeClock
    alarms: Alarms
    outbox: SqlOutbox
    state: State

    def mails(self) -> set[tuple[str, str]]:
        self.alarms.look()
        taken = self.outbox.take(most=50, lease=60)
        return {(queued.note.kind, queued.note.to.reveal()) for queued in taken}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    clock, audit, keys = FakeClock(), ListAudit(), StateKeys([os.urandom(32)])
    ceiling = Ceiling(
        scope=Scope(bases=(f"OU=Staff,{BASE}",), operators=(OPERATORS,)),
        notify=Notify(contact="helpdesk@corp.example", on_call=("ann@corp.example",)),
        operations=frozenset(),
    )
    directory = FakeDirectory(clock, groups={OPERATORS: "S-1-5-21-1-2-3-1999"})
    state, other = State(Secret(f"sqlite:///{tmp_path}/state.db")), MemorySite(clock=clock)
    outbox = SqlOutbox(state, keys, clock)
    site = WorkerSite(
        directories={"corp": directory},
        clock=clock,
        audit=audit,
        register=other.register,
        journal=other.journal,
        outbox=outbox,
        couriers=(),
        worker="w1",
        version="0",
        gates=(),
        allowed=(),
        ceiling_hash=bytes(32),
        notices=ceiling.notify.notice_rules(),
        ceiling=ceiling,
        denied={"corp": DeniedGroups([(directory, (OPERATORS,))], clock)},
        worries=Worries(state, clock),
        state_id=bytes(16),
        clock_is_off=lambda: 0.0,
        anchors=SqlAnchors(state, clock),
        sign=SITE.sign,
    )
    alarms = Alarms(state=state, keys=keys, clock=clock, audit=audit, ceiling=ceiling)
    yield Office(site, directory, clock, alarms, outbox, state)
    state.close()


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
    office.directory.groups[OPERATORS] = "S-1-5-21-1-2-3-1999"
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
