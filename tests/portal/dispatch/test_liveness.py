"""A heartbeat is believed if it is signed, speaks of the right worker, and is newer than the last."""

from dataclasses import replace

import pytest

from portal.dispatch.liveness import Liveness, Place, WorkerState
from tests.envelope.examples import STATE, heartbeat
from tests.envelope.keys import NOW, SITE, keyring, signing_key
from tests.fakes.clock import FakeClock
from tests.fakes.post_box import MemoryBroker
from writeback.envelope.heartbeats import sign_heartbeat
from writeback.envelope.keyring import SigningKey

PLACE = Place(site="main", worker="w1", key=SITE.public, directories=("corp",), state=STATE)


class Sky:
    """One worker's heartbeats, and the time."""

    def __init__(self) -> None:
        self.clock, self.box = FakeClock(NOW), MemoryBroker()
        self.liveness = Liveness(self.box, now=self.clock.now, monotonic=self.clock.monotonic)

    def beat(self, *, age: float = 0, worker: str = "w1", site: str = "main", key: SigningKey = SITE) -> None:
        to = keyring().recipient()
        said = heartbeat(prekey=to.prekey, rsa=to.rsa, time=int(self.clock.now() - age))
        self.box.beats["main", "w1"] = sign_heartbeat(replace(said, worker=worker, site=site), key)

    def state(self) -> WorkerState | None:
        found = self.liveness.look([PLACE])
        return found[0].state if found else None


@pytest.fixture
def sky() -> Sky:
    return Sky()


def test_a_fresh_heartbeat_is_up_until_75_seconds_have_passed(sky: Sky) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    sky.clock.move(75)
    assert sky.state() is WorkerState.UP
    sky.clock.move(1)
    assert sky.state() is WorkerState.DOWN


@pytest.mark.parametrize("left", [{}, {("main", "w1"): b""}], ids=["expired", "taken back"])
def test_a_heartbeat_that_is_gone_is_down(sky: Sky, left: dict[tuple[str, str], bytes]) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    sky.box.beats = left
    sky.clock.move(2)
    assert sky.state() is None


@pytest.mark.parametrize("age", [-60, 60])
def test_a_minute_of_clock_skew_is_accepted(sky: Sky, age: float) -> None:
    sky.beat(age=age)
    assert sky.state() is WorkerState.UP


@pytest.mark.parametrize("age", [-600, 600])
def test_a_living_heartbeat_far_off_in_time_has_a_wrong_clock(sky: Sky, age: float) -> None:
    sky.beat(age=age)
    assert sky.state() is WorkerState.DOWN
    for _ in range(3):
        sky.clock.move(30)
        sky.beat(age=age)
        assert sky.state() is WorkerState.CLOCK
    sky.clock.move(76)
    assert sky.state() is WorkerState.DOWN


@pytest.mark.parametrize("rest", [1, 15, 30, 45])
def test_a_dead_worker_is_down_however_rarely_it_is_looked_at(sky: Sky, rest: float) -> None:
    for _ in range(3):
        sky.beat()
        sky.clock.move(rest)
        assert sky.state() is WorkerState.UP
        sky.clock.move(30 - rest % 30)
    for _ in range(160):
        if sky.state() is not WorkerState.UP:
            break
        sky.clock.move(1)
    assert sky.state() is WorkerState.DOWN


def test_a_worker_that_died_unobserved_is_down(sky: Sky) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    sky.clock.move(30)
    sky.beat()
    sky.clock.move(100)
    assert sky.state() is WorkerState.DOWN


def test_an_older_heartbeat_does_not_replace_a_newer_one(sky: Sky) -> None:
    sky.beat(age=20)
    recorded = sky.box.beats["main", "w1"]
    sky.clock.move(2)
    sky.beat()
    newest = sky.liveness.look([PLACE], fresh=True)[0].beat.time
    sky.box.beats["main", "w1"] = recorded
    sky.clock.move(2)
    assert sky.liveness.look([PLACE])[0].beat.time == newest


def test_a_clock_that_was_far_ahead_and_is_set_right_is_believed_at_once(sky: Sky) -> None:
    sky.beat(age=-86_400)
    sky.clock.move(30)
    sky.beat(age=-86_400)
    assert sky.state() is not WorkerState.UP
    sky.clock.move(30)
    sky.beat()
    assert sky.state() is WorkerState.UP


@pytest.mark.parametrize("junk", [b"x", bytes(64), bytes(300), b"\xff" * 20_000])
def test_junk_changes_nothing(sky: Sky, junk: bytes) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    sky.box.beats["main", "w1"] = junk
    sky.clock.move(2)
    assert sky.state() is WorkerState.UP
    sky.clock.move(80)
    assert sky.state() is WorkerState.DOWN


def test_a_heartbeat_signed_by_another_key_is_not_believed(sky: Sky) -> None:
    sky.beat(key=signing_key("thief"))
    assert sky.state() is None


@pytest.mark.parametrize(("site", "worker"), [("main", "w2"), ("other", "w1")])
def test_a_heartbeat_of_another_worker_in_its_place_is_not_believed(sky: Sky, site: str, worker: str) -> None:
    sky.beat(site=site, worker=worker)
    assert sky.state() is None


def test_after_pairing_anew_only_the_new_key_counts(sky: Sky) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    renewed = replace(PLACE, key=signing_key("new site").public)
    assert sky.liveness.look([renewed]) == []


def test_the_post_box_is_read_once_a_second(sky: Sky) -> None:
    sky.beat()
    for _ in range(10):
        sky.state()
    assert sky.box.reads == 1
    sky.clock.move(1)
    sky.state()
    assert sky.box.reads == 2


def test_without_a_post_box_no_worker_is_up(sky: Sky) -> None:
    sky.beat()
    assert sky.state() is WorkerState.UP
    sky.box.away = True
    sky.clock.move(2)
    assert sky.state() is None


def test_a_post_box_that_is_away_is_waited_for_once_a_second_and_found_again(sky: Sky) -> None:
    sky.beat()
    sky.box.away = True
    for _ in range(10):
        assert sky.state() is None
    assert sky.box.reads == 1
    sky.box.away = False
    sky.clock.move(1)
    assert sky.state() is WorkerState.UP
