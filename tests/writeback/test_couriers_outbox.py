"""The outbox is emptied at once, by a real relay out of a real state, and what fails is tried again."""

import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.fakes.clock import FakeClock
from tests.fakes.relay import Relay
from writeback.audit import AuditFile, Line, lines
from writeback.config import MailConfig
from writeback.couriers.mail import MailCourier
from writeback.couriers.outbox import ANSWER_FIRST, OutboxRunner
from writeback.envelope.secret import Secret
from writeback.ports import NOTICES_WAIT, Channel, Note, Queued, StateAway
from writeback.state import SqlOutbox, State, StateKeys, put, tables

TOLD = {"at": "1700000000", "account": "alice@corp.example", "reference": "ABCD-EFGH"}
CODE = Note(
    kind="code-reset",
    channel=Channel.MAIL,
    to=Secret("alice@example.com"),
    locale="en",
    parameters={"code": "12345678", "minutes": "5", "reference": "ABCD-EFGH"},
    life=300,
)
NOTICE = Note(
    kind="notice-reset", channel=Channel.MAIL, to=Secret("alice@example.com"), locale="en", parameters=TOLD
)

THREADS = 3


class Post:
    """A state, a relay and a runner between them; the clock of the state stands still."""

    def __init__(self, folder: Path, relay: Relay) -> None:
        self.relay, self.clock = relay, FakeClock()
        self.state = State(Secret(f"sqlite:///{folder}/state.db"))
        self.keys = StateKeys([os.urandom(32)])
        self.outbox = SqlOutbox(self.state, self.keys, self.clock)
        self.audit_path = folder / "audit.jsonl"
        self.runner = self.make_runner(self.outbox, poll=30.0)

    def make_runner(self, outbox: SqlOutbox, *, poll: float) -> OutboxRunner:
        sender = "keyback@corp.example"
        relay = MailConfig(host="127.0.0.1", port=self.relay.port, security="none", sender=sender, timeout=2)
        self.courier = MailCourier(relay)
        return OutboxRunner(
            outbox=outbox,
            couriers=[self.courier],
            audit=AuditFile(self.audit_path),
            contact="helpdesk@corp.example",
            poll=poll,
        )

    def queue(self, note: Note = CODE) -> None:
        with self.state.writing() as tx:
            put(tx, self.keys, [note], now=self.clock.now())

    def events(self) -> list[Line]:
        return list(lines(self.audit_path)) if self.audit_path.exists() else []


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with Relay() as relay:
        post = Post(tmp_path, relay)
        yield post
        post.courier.rest()
        post.state.close()


def wait_for(condition: object, *, seconds: float = 5.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def test_a_note_is_sent_and_forgotten(post: Post) -> None:
    post.queue()

    assert post.runner.send_next()
    assert "1234 5678" in post.relay.mails[0].get_content()
    assert post.outbox.count_waiting() == 0
    assert not post.runner.send_next()


def test_sent_mail_is_recorded_without_address_or_code(post: Post) -> None:
    post.queue()
    post.runner.send_next()

    (line,) = post.events()
    assert (line.event, line.reference) == ("mail.sent", "ABCD-EFGH")
    assert line.facts == {"kind": "code-reset", "tries": 1}
    assert "12345678" not in post.audit_path.read_text()
    assert "alice" not in post.audit_path.read_text()


def test_a_queued_note_does_not_wait_for_the_next_look(post: Post) -> None:
    post.runner.start()  # which looks every thirty seconds
    wait_for(lambda: not post.runner.send_next())
    for number in range(1, 6):
        post.queue()
        post.runner.wake()
        wait_for(lambda number=number: len(post.relay.arrived) == number)
    post.runner.stop()
    assert (len(post.relay.mails), post.outbox.count_waiting()) == (5, 0)


def test_a_note_lets_the_answer_that_it_belongs_to_go_first(post: Post) -> None:
    post.runner.start()
    time.sleep(0.2)  # every thread has looked, and rests
    post.queue()
    queued = time.monotonic()
    post.runner.wake()
    wait_for(lambda: len(post.relay.arrived) == 1)
    post.runner.stop()
    assert post.relay.arrived[0] - queued >= ANSWER_FIRST


def test_codes_go_before_notices_that_were_queued_earlier(post: Post) -> None:
    post.queue(NOTICE)
    post.clock.move(1)
    post.queue()
    kinds = [post.runner.send_next(), post.runner.send_next()]
    assert [queued and queued.note.kind for queued in kinds] == ["code-reset", "notice-reset"]


def test_codes_that_come_again_and_again_do_not_keep_a_notice_back(post: Post) -> None:
    post.queue(NOTICE)
    sent: list[str] = []
    for _ in range(4):
        post.clock.move(NOTICES_WAIT / 3 + 1)
        post.queue()
        queued = post.runner.send_next()
        sent += [queued.note.kind] if queued else []
    assert sent == ["code-reset", "code-reset", "notice-reset", "code-reset"]


def test_notices_wait_while_people_wait_for_answers_and_codes_do_not(post: Post) -> None:
    at_work = threading.Event()
    at_work.set()
    post.runner.start(at_work.is_set)
    post.queue(NOTICE)
    post.queue()
    post.runner.wake()
    wait_for(lambda: post.outbox.count_waiting() == 1)
    post.runner.wake()
    time.sleep(0.2)
    assert [line.facts["kind"] for line in post.events()] == ["code-reset"]
    at_work.clear()
    post.runner.wake()
    wait_for(lambda: post.outbox.count_waiting() == 0)
    post.runner.stop()


def test_after_half_a_minute_a_notice_is_sent_although_people_wait(post: Post) -> None:
    runner = post.make_runner(post.outbox, poll=0.02)
    runner.start(lambda: True)
    post.queue(NOTICE)
    post.clock.move(NOTICES_WAIT - 1)
    time.sleep(0.2)
    assert post.outbox.count_waiting() == 1
    post.clock.move(1)
    wait_for(lambda: post.outbox.count_waiting() == 0)
    runner.stop()


class Counting(SqlOutbox):
    """Counts how often it was looked into."""

    looks = 0

    def take(self, *, most: int, lease: int, patience: float = 0) -> Sequence[Queued]:
        self.looks += 1
        return super().take(most=most, lease=lease, patience=patience)


def test_calls_for_nothing_do_not_gather(post: Post) -> None:
    outbox = Counting(post.state, post.keys, post.clock)
    runner = post.make_runner(outbox, poll=30.0)
    for _ in range(1000):
        runner.wake()
    runner.start()
    time.sleep(0.3)
    runner.stop()
    assert outbox.looks <= 3 * THREADS


def test_after_the_last_note_nobody_looks_for_another(post: Post) -> None:
    outbox = Counting(post.state, post.keys, post.clock)
    runner = post.make_runner(outbox, poll=30.0)
    runner.start()
    wait_for(lambda: outbox.looks == 2 * THREADS)  # each begins with a look, and with a call
    before = outbox.looks
    post.queue()
    post.queue()
    runner.wake()
    wait_for(lambda: len(post.relay.mails) == 2)
    time.sleep(0.3)
    runner.stop()
    assert outbox.looks == before + 2


def test_a_note_of_another_process_is_found_without_a_word(post: Post) -> None:
    runner = post.make_runner(post.outbox, poll=0.05)
    runner.start()
    post.queue()

    wait_for(lambda: len(post.relay.mails) == 1)
    runner.stop()
    assert post.outbox.count_waiting() == 0


def test_a_burst_is_sent_once_each(post: Post) -> None:
    for number in range(30):
        post.queue(
            Note(
                kind="code-reset",
                channel=Channel.MAIL,
                to=Secret(f"p{number}@example.com"),
                locale="en",
                parameters={},
            )
        )
    post.runner.start()
    post.runner.wake()

    wait_for(lambda: post.outbox.count_waiting() == 0, seconds=20)
    post.runner.stop()
    assert sorted(mail["To"] for mail in post.relay.mails) == sorted(f"p{n}@example.com" for n in range(30))


def test_a_code_is_tried_again_until_it_has_expired_and_not_longer(post: Post) -> None:
    post.relay.answer = "450 later"
    post.queue()
    for wait in (2, 4, 8):
        assert post.runner.send_next()
        assert not post.runner.send_next(), "it was tried again at once"
        assert post.events()[-1].facts["wait"] == wait
        post.clock.move(wait)
    post.clock.move(300)
    post.relay.answer = "250 OK"

    assert not post.runner.send_next()
    assert post.relay.mails == []


def test_a_notice_outlives_a_long_failure_of_the_relay(post: Post) -> None:
    post.relay.answer = "450 later"
    post.queue(
        Note(
            kind="notice-reset",
            channel=Channel.MAIL,
            to=Secret("alice@example.com"),
            locale="en",
            parameters={},
        )
    )
    for _ in range(12):
        assert post.runner.send_next()
        post.clock.move(1000)
    post.relay.answer = "250 OK"

    assert post.runner.send_next()
    assert len(post.relay.mails) == 1
    waits = [line.facts["wait"] for line in post.events()[:-1]]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_a_refused_message_is_given_up_and_reported(post: Post) -> None:
    post.relay.answer = "550 no such mailbox"
    post.queue()

    assert post.runner.send_next()
    assert post.outbox.count_waiting() == 0
    assert post.events()[0].event == "mail.refused"


def test_a_note_without_a_courier_is_given_up_and_recorded(post: Post) -> None:
    post.queue()
    runner = OutboxRunner(outbox=post.outbox, couriers=[], audit=AuditFile(post.audit_path), contact="")

    assert runner.send_next()
    assert post.outbox.count_waiting() == 0
    (line,) = post.events()
    assert (line.event, line.facts["why"]) == ("mail.refused", "no courier for mail")


def test_a_note_without_a_text_does_not_block_the_next(post: Post) -> None:
    post.queue(
        Note(
            kind="no-such-text",
            channel=Channel.MAIL,
            to=Secret("alice@example.com"),
            locale="en",
            parameters={},
        )
    )
    post.queue()

    assert post.runner.send_next()
    assert post.runner.send_next()
    assert len(post.relay.mails) == 1


def test_a_note_whose_channel_was_changed_in_the_state_is_not_sent(post: Post) -> None:
    """A code must not leave by another way than the one that it was made for."""
    post.queue()
    with post.state.writing() as tx:
        tx.execute(update(tables.outbox).values(channel="sms"))
    post.queue()

    assert post.runner.send_next() is None
    assert post.runner.send_next()
    assert len(post.relay.mails) == 1


class Forgetful(SqlOutbox):
    """A state that can't be written at the moment in which a mail is out."""

    failures = 1

    def forget(self, queued: Queued) -> None:
        if self.failures:
            self.failures -= 1
            raise StateAway("The disk is full.")
        super().forget(queued)


def test_a_sent_mail_is_deleted_at_the_second_try(post: Post) -> None:
    runner = post.make_runner(Forgetful(post.state, post.keys, post.clock), poll=0.01)
    post.queue()

    assert runner.send_next()
    post.clock.move(1000)
    assert not runner.send_next()
    assert len(post.relay.mails) == 1


class Away(SqlOutbox):
    """A state that can't be asked at all."""

    def take(self, *, most: int, lease: int, patience: float = 0) -> tuple[Queued, ...]:
        raise StateAway("The database is gone.")


def test_a_state_that_is_away_does_not_end_the_threads(post: Post) -> None:
    before = set(threading.enumerate())
    runner = post.make_runner(Away(post.state, post.keys, post.clock), poll=0.01)
    runner.start()
    time.sleep(0.1)

    assert len(set(threading.enumerate()) - before) == THREADS
    runner.stop()
    assert set(threading.enumerate()) <= before


class Faulty(SqlOutbox):
    """A state that ends, by a fault of ours, every thread that asks it first."""

    asked = itertools.count()

    def take(self, *, most: int, lease: int, patience: float = 0) -> Sequence[Queued]:
        if next(self.asked) < THREADS:
            raise ZeroDivisionError
        return super().take(most=most, lease=lease, patience=patience)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_threads_that_a_fault_has_ended_are_begun_anew(post: Post) -> None:
    before = set(threading.enumerate())
    runner = post.make_runner(Faulty(post.state, post.keys, post.clock), poll=0.01)
    runner.start()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) <= before

    post.queue()
    runner.tend()
    wait_for(lambda: len(post.relay.mails) == 1)
    runner.stop()
