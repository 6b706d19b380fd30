"""Empties the outbox in its own threads, so that no answer ever waits for a mail."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from writeback.couriers.texts import UnknownKind, render
from writeback.ports import (
    NOTICES_WAIT,
    Audit,
    Channel,
    Courier,
    CourierAway,
    CourierRefused,
    Outbox,
    Queued,
    StateAway,
)

# Longer than the slowest delivery, or another worker would send the same note again.
LEASE = 180
POLL = 1.0
# Gives the answer that a note belongs to a head start: a mail must not take the processor from it.
ANSWER_FIRST = 0.03
LONGEST_WAIT = 15 * 60

_log = logging.getLogger(__name__)


class OutboxRunner:
    """Takes notes, renders them, sends them, and retries until they expire.

    Args:
        couriers: one for each channel.
        contact: the "this wasn't me" address in every text.
        threads: how many messages may be sent at once.
        poll: seconds between two looks for notes that another process queued.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        couriers: Sequence[Courier],
        audit: Audit,
        contact: str,
        threads: int = 3,
        poll: float = POLL,
    ) -> None:
        self._outbox, self._audit, self._contact = outbox, audit, contact
        self._couriers: Mapping[Channel, Courier] = {courier.channel: courier for courier in couriers}
        self._poll = poll
        self._at_work: Callable[[], bool] = lambda: False
        # Each wake starts one thread, which goes on until nothing is left: more wakes add nothing.
        self._wake = threading.BoundedSemaphore(threads)
        self._stopping = threading.Event()
        self._threads = [self._thread(number) for number in range(threads)]

    def start(self, at_work: Callable[[], bool] = lambda: False) -> None:
        """Start sending.

        Args:
            at_work: tells whether somebody waits for an answer; notices are then put off for a while.
        """
        self._at_work = at_work
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Tell the threads that a note was queued, and return at once."""
        with contextlib.suppress(ValueError):  # every thread has a wake waiting already
            self._wake.release()

    def stop(self, *, wait: float = 15.0) -> None:
        """Stop; wait at most `wait` seconds in all for messages that are being sent."""
        self._stopping.set()
        for _ in self._threads:
            self.wake()
        for thread in self._threads:
            thread.join(wait / len(self._threads))

    def tend(self) -> None:
        """Replace each thread that died of a bug; called with the heartbeats."""
        for number, thread in enumerate(self._threads):
            if not thread.is_alive() and not self._stopping.is_set():
                _log.error("%s died of a bug and is started again.", thread.name)
                self._threads[number] = self._thread(number)
                self._threads[number].start()

    def _thread(self, number: int) -> threading.Thread:
        return threading.Thread(target=self._run, name=f"outbox-{number}", daemon=True)

    def _run(self) -> None:
        busy_until = 0.0
        while not self._stopping.is_set():
            sent = self.send_next()
            if sent:
                busy_until = time.monotonic() + self._poll
            # A note queued by this process wakes a thread; one of another process waits for the next poll.
            if sent is None or sent.last:
                if self._wake.acquire(timeout=self._poll):
                    self._stopping.wait(ANSWER_FIRST)
                if time.monotonic() >= busy_until:
                    self._rest()
        self._rest()

    def _rest(self) -> None:
        for courier in self._couriers.values():
            courier.rest()

    def send_next(self) -> Queued | None:
        """Send one due note and return it; None if there is none or the state is not available."""
        try:
            # People who wait for answers come first; notices follow.
            patience = NOTICES_WAIT if self._at_work() else 0
            taken = self._outbox.take(most=1, lease=LEASE, patience=patience)
            for queued in taken:
                self._send(queued)
        except StateAway:
            return None
        return taken[0] if taken else None

    def _send(self, queued: Queued) -> None:
        try:
            message = render(queued.note, contact=self._contact)
            self._courier_of(queued).send(message)
        except CourierAway as error:
            wait = min(LONGEST_WAIT, 2 ** min(queued.tries + 1, 16))
            self._tell("mail.away", queued, why=str(error), wait=wait)
            self._outbox.retry(queued, wait=wait)
        except CourierRefused as error:
            self._tell("mail.refused", queued, why=str(error))
            self._settle(self._outbox.forget, queued)
        except UnknownKind:
            _log.error("There is no text for a note of the kind %s; it was dropped.", queued.note.kind)
            self._tell("mail.refused", queued, why="no such text")
            self._settle(self._outbox.forget, queued)
        else:
            self._settle(self._outbox.forget, queued)
            self._tell("mail.sent", queued)

    def _courier_of(self, queued: Queued) -> Courier:
        """Return the courier of a note's channel.

        Raises:
            CourierRefused: there is no courier for that channel any more.
        """
        channel = queued.note.channel
        if channel not in self._couriers:
            raise CourierRefused(f"no courier for {channel}")
        return self._couriers[channel]

    def _settle(self, forget: Callable[[Queued], None], queued: Queued) -> None:
        """Forget a finished note; tries twice, since a note that stays is sent again."""
        try:
            forget(queued)
        except StateAway:
            self._stopping.wait(self._poll)
            forget(queued)

    def _tell(self, event: str, queued: Queued, **facts: str | int) -> None:
        reference = queued.note.parameters.get("reference", "")
        self._audit.record(event, reference=reference, kind=queued.note.kind, tries=queued.tries + 1, **facts)
