"""A guard before Celery: of what lies in the queue, only a signed job gets further, in a message of our own.

Celery and kombu parse a message before any task runs, and one malformed element ends the worker. So this
channel takes only the sealed text out of an element, checks size, version and signature, and builds every
header, id and tag itself. It leans on internals of kombu 5.7; tests/writeback/border guards the pin.
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
    """Decides what gets through, and counts what does not.

    Args:
        portal: returns the pinned P-sig, or None while the site is not paired or switched off.
    """

    def __init__(self, portal: Callable[[], VerifyKey | None]) -> None:
        self._portal = portal
        self._refused: Counter[str] = Counter()
        self._lock = Lock()

    def admit(self, raw: bytes) -> str | None:
        """Return the base64 text of a job that the portal signed; None for everything else."""
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
        """Return how many were refused since the last call, by reason."""
        with self._lock:
            refused, self._refused = self._refused, Counter()
        return dict(refused)

    def _count(self, fault: Fault) -> None:
        with self._lock:
            self._refused[fault.value] += 1


class Threads:
    """Counts the jobs that the threads have in hand, so that no more is taken than they can begin at once.

    Args:
        many: how many threads there are.

    Attributes:
        closed: no job is taken any more.
    """

    def __init__(self, many: int) -> None:
        self._many, self._busy, self._lock = many, 0, Lock()
        self._tell: Callable[[], object] = lambda: None
        self.closed = False

    def close(self) -> bool:
        """Have no more jobs taken, and let those in hand be finished; tell whether it was open until now."""
        with self._lock:
            was_closed, self.closed = self.closed, True
        return not was_closed

    def begin(self) -> None:
        """Count one more."""
        with self._lock:
            self._busy += 1

    def end(self) -> None:
        """Count one less, and tell who waits for a free thread."""
        with self._lock:
            awaited = self._busy == self._many
            self._busy -= 1
        if awaited:
            self._tell()

    def all_busy(self) -> bool:
        """Tell whether one more job would have to wait."""
        return self._busy >= self._many

    def at_work(self) -> bool:
        """Tell whether any job is in hand."""
        return self._busy > 0

    def when_free(self, tell: Callable[[], object]) -> None:
        """Name what is called, by the thread itself, as soon as one of all busy threads is free."""
        self._tell = tell


def guarded_transport(guard: Guard, threads: Threads, trouble: Trouble) -> type[kombu_redis.Transport]:
    """Return a Redis transport whose channels let nothing past the guard.

    Args:
        guard: looks at every element of the queue.
        threads: those that do the jobs.
        trouble: is told what Redis refuses or answers strangely, and says how long to wait after that.
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
    """Takes a job out of the queue only for a thread that is free: what has to wait does so in Redis.

    kombu's own for Redis takes more, keeps that beside the queue, and brings it back after a minute although
    this very process may still hold it: where a process has a queue to itself, that makes copies.
    """

    channel: "_GuardedChannel"
    _delivered: Any  # kombu's: what was handed out, by tag
    _dirty: Any  # of these, what was acknowledged since

    def can_consume(self) -> bool:
        if self.channel.threads.closed:
            return self.channel.waits()  # what was asked for before that must be read, to be put back
        return not self.channel.threads.all_busy() and bool(super().can_consume())

    def append(self, message: Any, delivery_tag: str) -> None:
        self.channel.threads.begin()  # ended with the job (broker.py)
        super().append(message, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self.channel.threads.end()  # no thread will
        if requeue:
            self._put_back(delivery_tag)
        self.ack(delivery_tag)

    def restore_unacked(self, *_: Any) -> None:
        """Put back what was not acknowledged, at an orderly end and where the connection was lost.

        A thread may have it in hand all the same, and the copy is refused as seen before; so it still counts.
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
        self.trouble.over()
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
        """Return what BRPOP took, or None where nothing lay there.

        Raises:
            redis.RedisError: it was refused, or the answer is none to BRPOP.
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

    # What kombu keeps in Redis of queues and exchanges is for those who publish through it. Nobody does here,
    # so none of it is written or read: what is not asked for can't be answered strangely.

    def _queue_bind(self, *_: Any, **__: Any) -> None:
        """Keep nothing."""

    def _has_queue(self, *_: Any, **__: Any) -> bool:
        return True

    def _size(self, *_: Any, **__: Any) -> int:
        return 0


class _GuardedTransport(kombu_redis.Transport):
    threads: Threads
    trouble: Trouble
    # Celery connects anew after one of these and ends after any other, such as -READONLY or -WRONGTYPE.
    connection_errors = (*kombu_redis.Transport.connection_errors, redis.RedisError)

    def establish_connection(self) -> Any:
        """Connect, and try again with a growing pause for as long as it takes; the pause is ours alone."""
        while True:
            self.trouble.wait(maybe_shutdown)
            try:
                return super().establish_connection()
            except self.connection_errors as error:
                self.trouble.note(error)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        super().register_with_event_loop(connection, loop)
        # The loop looks for jobs after each event, so one is made of a thread that becomes free.
        self.threads.when_free(partial(loop.call_soon, _look_again))


def _look_again() -> None:
    """Do nothing: being called is what matters."""
