"""The people on call hear of a limit that the whole site has reached, once."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.clock import FakeClock
from writeback.audit import AuditFile, lines
from writeback.ceiling import Ceiling, Limits, Notify, Rate, Scope
from writeback.couriers.alarms import Alarms
from writeback.envelope.secret import Secret
from writeback.state import BROKEN_AUDIT, WORRYING, Count, SqlOutbox, State, StateKeys, take

LIMITS = Limits(
    site=(Rate(count=3, seconds=60),),
    failed_signins=(Rate(count=2, seconds=600),),
    sends_per_site=(Rate(count=4, seconds=60),),
)
CEILING = Ceiling(
    scope=Scope(bases=()),
    notify=Notify(contact="helpdesk@corp.example", on_call=("ann@corp.example", "ben@corp.example")),
    operations=frozenset(),
    limits=LIMITS,
)


class Watch:
    """A site's counts, and the alarms that look at them."""

    def __init__(self, folder: Path, ceiling: Ceiling = CEILING) -> None:
        self.clock = FakeClock()
        self.state = State(Secret(f"sqlite:///{folder}/state.db"))
        self.keys = StateKeys([os.urandom(32)])
        self.audit_path = folder / "audit.jsonl"
        self.ceiling = ceiling
        self.alarms = self.make()

    def make(self) -> Alarms:
        audit = AuditFile(self.audit_path)
        return Alarms(state=self.state, keys=self.keys, clock=self.clock, audit=audit, ceiling=self.ceiling)

    def count(self, subject: str, rates: tuple[Rate, ...], times: int) -> None:
        for _ in range(times):
            with self.state.writing() as tx:
                take(tx, [Count(subject=subject, rates=rates)], now=self.clock.now(), ticket=os.urandom(16))

    def mails(self) -> list[tuple[str, str]]:
        taken = SqlOutbox(self.state, self.keys, self.clock).take(most=10, lease=60)
        return sorted((queued.note.kind, queued.note.to.reveal()) for queued in taken)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    watch.state.close()


def test_below_the_limit_nobody_is_notified(watch: Watch) -> None:
    watch.count("intent", LIMITS.site, 2)
    watch.alarms.look()

    assert watch.mails() == []


@pytest.mark.parametrize(
    ("subject", "rates", "kind"),
    [
        ("intent", LIMITS.site, "alarm-resets"),
        ("password", LIMITS.failed_signins, "alarm-signins"),
        ("send", LIMITS.sends_per_site, "alarm-mails"),
        (BROKEN_AUDIT, WORRYING, "alarm-portal-audit"),
    ],
)
def test_everybody_on_call_is_told_of_a_limit_that_is_reached(
    watch: Watch, subject: str, rates: tuple[Rate, ...], kind: str
) -> None:
    watch.count(subject, rates, 5)
    watch.alarms.look()

    assert watch.mails() == [(kind, "ann@corp.example"), (kind, "ben@corp.example")]
    (line,) = lines(watch.audit_path)
    assert (line.event, line.facts) == ("limit.reached", {"limit": kind[6:], "told": 2})


def test_a_limit_is_reported_once_an_hour_even_after_a_restart(watch: Watch) -> None:
    watch.count("intent", LIMITS.site, 5)
    watch.alarms.look()
    watch.alarms.look()
    watch.make().look()
    told = len(watch.mails())
    watch.clock.move(3601)
    watch.count("intent", LIMITS.site, 5)
    watch.alarms.look()

    assert told == 2
    assert len(watch.mails()) == 4, "the first two were not sent in the meantime"


def test_with_nobody_on_call_it_stands_in_the_audit(tmp_path: Path) -> None:
    watch = Watch(tmp_path, replace(CEILING, notify=Notify(contact="x")))
    watch.count("intent", LIMITS.site, 5)
    watch.alarms.look()
    watch.state.close()

    assert [line.event for line in lines(watch.audit_path)] == ["limit.reached"]
