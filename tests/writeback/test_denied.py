"""The denied groups of all directories hold together; one that protects nobody closes, and says why."""

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from writeback.ceiling.denied import DeniedGroups
from writeback.ports import DirectoryAway, Unreadable

ADMINS, OPERATORS = "CN=Admins,DC=corp,DC=example", "CN=Operators,DC=eu,DC=corp,DC=example"
A, B = "S-1-5-21-1-2-3-1001", "S-1-5-21-4-5-6-1002"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def corp(clock: FakeClock) -> FakeDirectory:
    return FakeDirectory(clock, groups={ADMINS: A})


@pytest.fixture
def eu(clock: FakeClock) -> FakeDirectory:
    return FakeDirectory(clock, id="eu", groups={OPERATORS: B})


@pytest.fixture
def denied(clock: FakeClock, corp: FakeDirectory, eu: FakeDirectory) -> DeniedGroups:
    return DeniedGroups([(corp, [ADMINS]), (eu, [OPERATORS])], clock)


def test_the_groups_of_all_directories_hold_together(denied: DeniedGroups) -> None:
    assert denied.sids() == {A, B}


def test_without_groups_nobody_is_asked(clock: FakeClock, corp: FakeDirectory) -> None:
    corp.away = True
    assert DeniedGroups([(corp, [])], clock).sids() == frozenset()


def test_a_group_that_is_gone_closes_and_is_named(denied: DeniedGroups, eu: FakeDirectory) -> None:
    del eu.groups[OPERATORS]
    with pytest.raises(Unreadable, match=f"{OPERATORS} does not exist"):
        denied.sids()


def test_a_distribution_group_closes_and_is_named(denied: DeniedGroups, corp: FakeDirectory) -> None:
    corp.for_mail.add(ADMINS)
    with pytest.raises(Unreadable, match=f"{ADMINS} is a distribution group"):
        denied.sids()


def test_a_corrected_right_works_a_moment_later(
    denied: DeniedGroups, corp: FakeDirectory, clock: FakeClock
) -> None:
    corp.for_mail.add(ADMINS)
    for _ in range(2):
        with pytest.raises(Unreadable):
            denied.sids()
    corp.for_mail.clear()
    clock.move(10)
    assert denied.sids() == {A, B}


def test_groups_of_a_directory_that_never_answered_close(denied: DeniedGroups, eu: FakeDirectory) -> None:
    eu.away = True
    with pytest.raises(DirectoryAway):
        denied.sids()


def test_groups_of_a_directory_that_is_away_now_hold_on(
    denied: DeniedGroups, corp: FakeDirectory, eu: FakeDirectory, clock: FakeClock
) -> None:
    denied.sids()
    eu.away = True
    clock.move(300)
    assert denied.sids() == {A, B}


def test_a_group_that_is_made_anew_has_its_new_sid(
    denied: DeniedGroups, corp: FakeDirectory, clock: FakeClock
) -> None:
    denied.sids()
    corp.groups[ADMINS] = "S-1-5-21-1-2-3-2001"
    clock.move(300)
    assert denied.sids() == {"S-1-5-21-1-2-3-2001", B}
