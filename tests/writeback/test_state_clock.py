"""One time for all hosts of a site: the database's, whatever their own clocks say."""

import os
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from deploy.dev.demo.postgres import PostgresServer
from tests.fakes.clock import FakeClock
from tests.fakes.worker import ceiling_for_tests
from writeback.envelope.answers import Answer, Outcome
from writeback.envelope.jobs import ResetPassword
from writeback.envelope.secret import Secret
from writeback.journal import SqlJournal
from writeback.ports import JobState
from writeback.state import State, StateClock, StateKeys
from writeback.state.tables import journal


class WrongClock:
    """Fulfils ports.Clock: this machine's, so many seconds wrong.

    Args:
        off: seconds that its time of day is ahead.
        lost: seconds that its count of seconds has lost while the machine was paused.
    """

    def __init__(self, off: float) -> None:
        self.off, self.lost = off, 0.0

    def now(self) -> float:
        return time.time() + self.off - self.lost

    def monotonic(self) -> float:
        return time.monotonic() - self.lost


class Host:
    """One worker's journal on a shared state, by a clock that is wrong."""

    def __init__(self, url: str, off: float) -> None:
        self.clock = WrongClock(off)
        self.state = State(Secret(url), host=f"host {off}")
        self.time = StateClock(self.state, self.clock)
        keys = StateKeys([b"k" * 32])
        self.journal = SqlJournal(self.state, keys, self.time, ceiling_for_tests(), self.time.measure)

    def take_to_intent(self) -> bytes:
        """Write an INTENT of this moment, without an attempt."""
        jti, now = os.urandom(16), self.time.now()
        assert self.journal.receive(
            jti, ResetPassword(site="main", attempt=b"a" * 16), expires=int(now) + 120
        )
        intended = {"state": "intent", "attempt": b"a" * 16, "directory": "corp", "guid": bytes(16)}
        more = {"operation": "reset", "locale": "en", "dc": "dc1", "pwd_last_set": 1, "locked": False}
        times = {"intended": now, "deadline": now + 15}
        with self.state.writing() as tx:
            tx.execute(journal.update().where(journal.c.jti == jti).values(**intended, **more, **times))
        return jti


@pytest.fixture
def hosts(postgres: PostgresServer, request: pytest.FixtureRequest) -> Iterator[tuple[Host, Host]]:
    """Two hosts whose clocks are 20 s apart, and neither is right."""
    url = postgres.make_database(f"clock_{abs(hash(request.node.name))}")
    made = Host(url, -15), Host(url, 5)
    yield made
    for host in made:
        host.state.close()


def test_two_hosts_with_different_clocks_have_one_time(hosts: tuple[Host, Host]) -> None:
    slow, fast = hosts
    assert abs(slow.time.now() - fast.time.now()) < 2
    assert -17 < slow.time.host_is_off() < -13
    assert 3 < fast.time.host_is_off() < 7


def test_a_host_whose_clock_is_ahead_does_not_judge_the_write_of_another_too_early(
    hosts: tuple[Host, Host],
) -> None:
    slow, fast = hosts
    jti = slow.take_to_intent()
    entry = fast.journal.look_up(jti)
    assert entry is not None
    assert entry.alive
    assert entry.now < entry.deadline


def test_a_change_of_the_host_s_clock_does_not_touch_the_state_s(hosts: tuple[Host, Host]) -> None:
    slow, fast = hosts
    slow.clock.off += 3600
    assert abs(slow.time.now() - fast.time.now()) < 2


def test_a_host_that_was_paused_after_its_intent_does_not_begin_to_write(hosts: tuple[Host, Host]) -> None:
    slow, _ = hosts
    jti = slow.take_to_intent()
    assert slow.journal.may_begin(jti, within=60)
    with slow.state.writing() as tx:
        tx.execute(text("UPDATE journal SET intended = intended - 61, deadline = deadline - 61"))
    slow.clock.lost = 61  # what the host counts stood still, and the database's did not
    assert not slow.journal.may_begin(jti, within=60)


def test_a_write_that_somebody_closed_does_not_begin(hosts: tuple[Host, Host]) -> None:
    slow, fast = hosts
    jti = slow.take_to_intent()
    fast.journal.settle(jti, Answer(outcome=Outcome.CLOSED))
    assert not slow.journal.may_begin(jti, within=60)
    entry = slow.journal.look_up(jti)
    assert entry is not None
    assert entry.state is JobState.CLOSED


def test_on_one_host_its_own_clock_is_the_state_s(tmp_path: os.PathLike[str]) -> None:
    clock = FakeClock()
    state = State(Secret(f"sqlite:///{tmp_path}/state.db"))
    kept = StateClock(state, clock)
    clock.move(100)
    assert (kept.now(), kept.host_is_off()) == (clock.now(), 0)
    state.close()
