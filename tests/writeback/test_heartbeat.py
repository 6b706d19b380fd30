"""The pulse: signed, growing, silent while switched off, and held up by nothing."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from deploy.dev.processes import wait_until
from tests.envelope.keys import PORTAL
from tests.fakes.clock import FakeClock
from tests.fakes.directory import FakeDirectory
from tests.fakes.worker import FakeWorker, ceiling_for_tests
from writeback.ceiling import Notify
from writeback.envelope.answers import DirectoryHealth, DirectoryState
from writeback.envelope.heartbeats import Heartbeat, read_heartbeat
from writeback.envelope.pairing import write_portal_enrolment
from writeback.heartbeat import LiveKeys, Pulse
from writeback.vault import Vault

pytestmark = pytest.mark.slow


class HangingDirectory(FakeDirectory):
    """A directory whose probe does not come back until it is let go."""

    released = threading.Event()

    def health(self) -> DirectoryHealth:
        self.released.wait(20)
        return super().health()


@dataclass
class Rig:
    """A pulse, its vault, and what it has published."""

    home: Path
    clock: FakeClock = field(default_factory=FakeClock)
    blobs: list[bytes] = field(default_factory=list)
    redis_is_away: bool = False
    disk_is_full: bool = False

    def __post_init__(self) -> None:
        self.vault = Vault(self.home / "keys", self.home / "run", self.home / "portal.pub", self.clock.now)
        self.vault.create()
        self.vault.pin_portal(write_portal_enrolment(PORTAL))
        rules = Notify(contact="", on_call=("ann@corp.example",))
        self.worker = FakeWorker(
            self.home, clock=self.clock, ceiling=replace(ceiling_for_tests(), notify=rules)
        )
        self.site = self.worker.site
        self.keys = LiveKeys(self.vault)
        self.done: list[str] = []
        self.pulse = Pulse(
            name="main",
            site=self.site,
            keys=self.keys,
            oldest_job=lambda: 7,
            publish=self.publish,
            is_writable=lambda: not self.disk_is_full,
            chores=(lambda: self.done.append("chore"),),
            every=0.15,
        )

    def publish(self, blob: bytes) -> None:
        if self.redis_is_away:
            raise OSError("away")
        self.blobs.append(blob)

    def beats(self) -> list[Heartbeat]:
        site = self.vault.identity().public
        return [read_heartbeat(blob, site) for blob in dict.fromkeys(self.blobs)]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.pulse.stop()
    made.worker.state.close()


def test_the_first_heartbeat_is_there_when_the_worker_starts(rig: Rig) -> None:
    rig.pulse.start()
    beat = rig.beats()[0]
    assert (beat.site, beat.worker, beat.oldest_job) == ("main", "w1", 7)
    assert beat.recipient() == rig.keys.current.recipient()
    assert [(each.directory, each.state) for each in beat.directories] == [("corp", DirectoryState.UP)]


def test_every_directory_is_down_while_nothing_can_be_recorded(rig: Rig) -> None:
    rig.disk_is_full = True
    rig.pulse.start()
    beat = rig.beats()[0]
    assert [(each.directory, each.state) for each in beat.directories] == [("corp", DirectoryState.DOWN)]
    assert [(each.courier, each.up) for each in beat.couriers] == [("state-and-audit", False)]


@pytest.mark.parametrize(
    ("off", "state", "clock"),
    [
        (1.9, DirectoryState.UP, []),
        (-1.9, DirectoryState.UP, []),
        (2.1, DirectoryState.DEGRADED, [("clock", False)]),
        (-60.0, DirectoryState.DEGRADED, [("clock", False)]),
        (60.1, DirectoryState.DOWN, [("clock", False)]),
        (-3600.0, DirectoryState.DOWN, [("clock", False)]),
    ],
)
def test_a_clock_that_is_off_the_database_s_is_reported(
    rig: Rig, off: float, state: DirectoryState, clock: list[tuple[str, bool]]
) -> None:
    rig.site.clock_is_off = lambda: off
    rig.pulse.start()
    beat = rig.beats()[0]
    assert [each.state for each in beat.directories] == [state]
    assert [(each.courier, each.up) for each in beat.couriers] == clock
    assert beat.state == rig.site.state_id


def test_a_heartbeat_says_that_nobody_is_on_call(rig: Rig) -> None:
    rig.site.notices = Notify(contact="").notice_rules()
    rig.pulse.start()
    beat = rig.beats()[0]
    assert [(each.courier, each.up) for each in beat.couriers] == [("on-call", False)]
    assert [each.state for each in beat.directories] == [DirectoryState.UP]


def test_heartbeat_time_grows_even_if_the_clock_stands_still_or_goes_back(rig: Rig) -> None:
    rig.pulse.start()
    rig.clock.move(-5)
    assert wait_until(lambda: len(rig.beats()) >= 4, seconds=5)
    times = [beat.time for beat in rig.beats()]
    assert times == sorted(set(times))


def test_a_clock_that_was_far_ahead_and_is_set_right_is_followed(rig: Rig) -> None:
    rig.pulse.start()
    rig.clock.move(-3600)
    assert wait_until(lambda: rig.beats()[-1].time <= rig.clock.now() + 60, seconds=5)


def test_each_heartbeat_is_set_again_for_a_redis_that_came_back_empty(rig: Rig) -> None:
    rig.pulse.start()
    assert wait_until(lambda: len(rig.blobs) >= 6, seconds=5)
    assert len(rig.beats()) < len(rig.blobs)


def test_nothing_is_announced_while_writeback_is_switched_off(rig: Rig) -> None:
    rig.pulse.start()
    rig.vault.disable()
    assert wait_until(lambda: rig.keys.current.portal is None, seconds=5)
    time.sleep(0.1)
    before = len(rig.blobs)
    time.sleep(0.4)
    assert len(rig.blobs) == before
    assert [blob for blob in rig.blobs if not blob] == [b""]  # what was announced before is taken back


def test_a_key_file_that_cannot_be_read_switches_off_and_does_not_end_the_worker(rig: Rig) -> None:
    rig.pulse.start()
    broken = next(rig.vault.keys.glob("identity.key"))
    kept = broken.read_bytes()
    broken.write_bytes(b"junk")
    assert wait_until(lambda: rig.keys.current.portal is None, seconds=5)
    broken.write_bytes(kept)
    assert wait_until(lambda: rig.keys.current.portal == PORTAL.public, seconds=5)


def test_prekeys_roll_with_the_heartbeats(rig: Rig) -> None:
    rig.pulse.start()
    first = rig.keys.current.prekeys[0].id
    rig.clock.move(3600)
    assert wait_until(lambda: rig.keys.current.prekeys[0].id != first, seconds=5)
    assert wait_until(lambda: rig.beats()[-1].recipient().prekey_id != first, seconds=5)


def test_a_post_box_that_is_away_is_tried_again(rig: Rig) -> None:
    rig.redis_is_away = True
    rig.pulse.start()
    rig.redis_is_away = False
    assert wait_until(lambda: bool(rig.blobs), seconds=5)


def test_a_directory_that_hangs_is_down_and_holds_nothing_up(rig: Rig) -> None:
    rig.site.directories = {"corp": HangingDirectory(clock=rig.clock)}
    started = time.monotonic()
    rig.pulse.start()
    HangingDirectory.released.set()
    assert time.monotonic() - started < 10
    assert rig.beats()[0].directories[0].state is DirectoryState.DOWN
    assert wait_until(lambda: rig.beats()[-1].directories[0].state is DirectoryState.UP, seconds=5)


def test_a_directory_that_is_down_is_looked_at_with_each_setting(rig: Rig) -> None:
    rig.pulse.every = 12.0
    rig.site.directories = {"corp": HangingDirectory(clock=rig.clock)}
    HangingDirectory.released.clear()
    rig.pulse.start()
    HangingDirectory.released.set()
    assert wait_until(lambda: rig.beats()[-1].directories[0].state is DirectoryState.UP, seconds=8)


def test_chores_are_done_beside_the_beats_and_their_faults_stop_nothing(rig: Rig) -> None:
    def broken() -> None:
        rig.done.append("broken")
        raise KeyError

    rig.pulse.chores = (broken, *rig.pulse.chores)
    rig.pulse.start()
    assert wait_until(lambda: len(rig.done) >= 3 and len(rig.beats()) >= 3, seconds=5)


@pytest.mark.parametrize("how", ["leave", "stop"])
def test_a_stopping_worker_removes_its_heartbeat_and_sets_no_other(rig: Rig, how: str) -> None:
    rig.pulse.start()
    assert wait_until(lambda: len(rig.beats()) > 1, seconds=5)
    getattr(rig.pulse, how)()
    assert wait_until(lambda: rig.blobs[-1] == b"", seconds=5)
    rig.pulse.stop()
    assert rig.blobs.count(b"") == 1
    rig.pulse._set(b"one that was under way")
    assert rig.blobs[-1] == b""


def test_a_worker_that_never_announced_itself_has_nothing_to_take_back(rig: Rig) -> None:
    rig.redis_is_away = True
    rig.pulse.start()
    rig.redis_is_away = False
    rig.vault.disable()
    rig.pulse.stop()
    assert set(rig.blobs) <= {b""}
