"""A guard before Celery: only signed jobs from the queue pass, each in a message that the guard builds.

Celery and kombu parse a message before any task runs, and one malformed element ends the worker. So this
channel takes only the sealed text out of an element, checks size, version and signature, and builds every
header, id and tag itself. It depends on internals of kombu 5.7; tests/writeback/border guards the pin.
"""

import base64
import json
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from queue import Empty
from threading import Lock
from typing import Any

import redis
from celery.worker.state import maybe_shutdown
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.keyring import VerifyKey
from writeback.envelope.sealing import authenticate
from writeback.strict_redis import CONNECTION_OPTIONS, StrictConnection, StrictTLSConnection
from writeback.trouble import Trouble

TASK = "writeback.apply"
LARGEST_MESSAGE = 8 * 1024


class Guard:
    """Decides which elements of the queue pass, and counts the others.

    Args:
        portal: returns the pinned P-sig, or None while the site is not paired or switched off.
    """

    def __init__(self, portal: Callable[[], VerifyKey | None]) -> None:
        self._portal = portal
        self._refused: Counter[str] = Counter()
        self._lock = Lock()

    def admit(self, raw: bytes) -> str | None:
        """Return the base64 text of a job that the portal signed; None for anything else."""
        try:
            text = _text_of(raw)
            authenticate(base64.b64decode(text, validate=True), self._portal())
        except EnvelopeError as error:
            self._count(error.fault)
            return None
        except (ValueError, RecursionError):
            self._count(Fault.MALFORMED)
            return None
        return text

    def take_refused(self) -> dict[str, int]:
        """Return how many elements were refused since the last call, by reason."""
        with self._lock:
            refused, self._refused = self._refused, Counter()
        return dict(refused)

    def _count(self, fault: Fault) -> None:
        with self._lock:
            self._refused[fault.value] += 1


class Threads:
    """Counts the jobs that the threads work on, so that no job is taken before a thread is free.

    Args:
        many: how many threads there are.

    Attributes:
        closed: True if no job is taken any more.
    """

    def __init__(self, many: int) -> None:
        self._many, self._busy, self._lock = many, 0, Lock()
        self._tell: Callable[[], object] = lambda: None
        self.closed = False

    def close(self) -> bool:
        """Take no more jobs, but finish the current ones; return whether it was open until now."""
        with self._lock:
            was_closed, self.closed = self.closed, True
        return not was_closed

    def begin(self) -> None:
        """Count one more job."""
        with self._lock:
            self._busy += 1

    def end(self) -> None:
        """Count one job less, and call the callback of `call_when_free` if all threads were busy."""
        with self._lock:
            awaited = self._busy == self._many
            self._busy -= 1
        if awaited:
            self._tell()

    def are_all_busy(self) -> bool:
        """Tell whether one more job would have to wait."""
        return self._busy >= self._many

    def is_working(self) -> bool:
        """Tell whether any job is being done."""
        return self._busy > 0

    def call_when_free(self, tell: Callable[[], object]) -> None:
        """Set the callback that a thread calls when it becomes free while all were busy."""
        self._tell = tell


def guarded_transport(guard: Guard, threads: Threads, trouble: Trouble) -> type[kombu_redis.Transport]:
    """Return a Redis transport whose channels pass every element through the guard.

    Args:
        guard: checks every element of the queue.
        threads: the threads that do the jobs.
        trouble: notes refusals and strange answers of Redis, and decides how long to wait after them.
    """
    shared = {"guard": guard, "threads": threads, "trouble": trouble}
    channel = type("GuardedChannel", (_GuardedChannel,), shared)
    return type(
        "GuardedTransport",
        (_GuardedTransport,),
        {"Channel": channel, "threads": threads, "trouble": trouble},
    )


def _text_of(raw: bytes) -> str:
    if len(raw) > LARGEST_MESSAGE:
        raise EnvelopeError(Fault.SIZE)
    message = json.loads(raw)
    text = message.get("body") if isinstance(message, dict) else None
    if not isinstance(text, str):
        raise EnvelopeError(Fault.MALFORMED)
    return text


def message_for(text: str, queue: str) -> dict[str, Any]:
    """Build the one kind of message that Celery ever sees here."""
    identifier = str(uuid.uuid4())
    embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    return {
        "body": json.dumps([[text], {}, embed]),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {
            "lang": "py",
            "task": TASK,
            "id": identifier,
            "root_id": identifier,
            "parent_id": None,
            "group": None,
            "shadow": None,
            "eta": None,
            "expires": None,
            "retries": 0,
            "timelimit": [None, None],
            "argsrepr": "*",
            "kwargsrepr": "*",
            "origin": "",
            "ignore_result": True,
        },
        "properties": {
            "correlation_id": identifier,
            "reply_to": "",
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue},
            "priority": 0,
            "body_encoding": None,
            "delivery_tag": identifier,
        },
    }


class _GuardedQoS(virtual.QoS):
    """Takes a job out of the queue only if a thread is free: the others wait in Redis.

    kombu's own class for Redis takes more, keeps them beside the queue, and restores them after a minute even
    if this very process still holds them: with one process per queue, that only makes copies.
    """

    channel: "_GuardedChannel"
    _delivered: Any  # kombu's: the messages handed out, by tag
    _dirty: Any  # those of them that were acknowledged since

    def can_consume(self) -> bool:
        if self.channel.threads.closed:
            return self.channel.waits()  # an earlier request must still be read, to be put back
        return not self.channel.threads.are_all_busy() and bool(super().can_consume())

    def append(self, message: Any, delivery_tag: str) -> None:
        self.channel.threads.begin()  # broker.py calls `end` when the job is done
        super().append(message, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self.channel.threads.end()  # no thread will do this job
        if requeue:
            self._put_back(delivery_tag)
        self.ack(delivery_tag)

    def restore_unacked(self, *_: Any) -> None:
        """Put back the messages that were not acknowledged, at an orderly end or after a lost connection.

        A thread may still be working on one, so it still counts; the copy is refused as seen before.
        """
        for tag in [tag for tag in self._delivered if tag not in self._dirty]:
            self._put_back(tag)
        self._delivered.clear()

    def _put_back(self, tag: str) -> None:
        message = self._delivered[tag]  # built by `message_for`
        element = json.dumps({"body": json.loads(message.body)[0][0]})
        with self.channel.conn_or_acquire() as client:
            client.rpush(message.delivery_info["routing_key"], element)  # jobs are taken from this end


class _GuardedChannel(kombu_redis.Channel):
    guard: Guard
    threads: Threads
    trouble: Trouble
    QoS: Any = _GuardedQoS
    connection_class: Any = StrictConnection
    connection_class_ssl: Any = StrictTLSConnection
    connection_errors: tuple[type[Exception], ...]
    _queue_cycle: Any
    _in_poll: Any

    def waits(self) -> bool:
        """Tell whether Redis was asked for a job and has not answered yet."""
        return bool(self._in_poll)

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        channel: Any = super()  # its types name no such method
        params: dict[str, Any] = channel._connparams(asynchronous=asynchronous)  # noqa: SLF001
        return params | CONNECTION_OPTIONS

    def _brpop_read(self, **_options: Any) -> bool:
        try:
            element = self._read_element()
        except self.connection_errors:
            self.client.connection.disconnect()
            raise
        finally:
            self._in_poll = None
        self.trouble.reset()
        if element is None:
            raise Empty
        (queue,) = self.active_queues
        if self.threads.closed:
            with self.conn_or_acquire() as client:
                client.rpush(queue, element)
            raise Empty
        self._queue_cycle.rotate(queue)
        text = self.guard.admit(element)
        if text is None:
            raise Empty
        self.connection._deliver(message_for(text, queue), queue)  # noqa: SLF001  # as the method that it replaces
        return True

    def _read_element(self) -> bytes | None:
        """Return the element that BRPOP took, or None if the queue was empty.

        Raises:
            redis.RedisError: it was refused, or the reply does not fit BRPOP.
        """
        found = self.client.connection.read_response()
        if found is None:
            return None
        if not isinstance(found, list) or [type(part) for part in found] != [bytes, bytes]:
            raise redis.InvalidResponse("no answer to BRPOP")
        element: bytes = found[1]
        return element

    def _poll_error(self, *_: Any, **__: Any) -> None:
        self.client.connection.disconnect()
        raise redis.ConnectionError("the connection was lost")

    # kombu keeps data about queues and exchanges in Redis for publishers. Nobody publishes through it here.
    # So these methods neither write nor read any of it, and Redis can't give a strange answer.

    def _queue_bind(self, *_: Any, **__: Any) -> None:
        """Keep nothing."""

    def _has_queue(self, *_: Any, **__: Any) -> bool:
        return True

    def _size(self, *_: Any, **__: Any) -> int:
        return 0


class _GuardedTransport(kombu_redis.Transport):
    threads: Threads
    trouble: Trouble
    # Celery reconnects after one of these and ends after any other, such as -READONLY or -WRONGTYPE.
    connection_errors = (*kombu_redis.Transport.connection_errors, redis.RedisError)

    def establish_connection(self) -> Any:
        """Connect, and retry with a growing pause for as long as it takes; only our own pause applies."""
        while True:
            self.trouble.wait(maybe_shutdown)
            try:
                return super().establish_connection()
            except self.connection_errors as error:
                self.trouble.note(error)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        super().register_with_event_loop(connection, loop)
        # The loop looks for jobs after each event, so a thread that becomes free must cause an event.
        self.threads.call_when_free(partial(loop.call_soon, _look_again))


def _look_again() -> None:
    """Do nothing; the call itself makes the loop look for jobs."""
