"""A guard before Celery: of what lies in the queue, only a signed job gets further, in a message of our own.

Celery and kombu parse a message before any task runs, and one malformed element ends the worker. So this
channel takes only the sealed text out of an element, checks size, version and signature, and builds every
header, id and tag itself. It leans on internals of kombu 5.7; tests/writeback/border guards the pin.
"""

import base64
import json
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from queue import Empty
from threading import Lock
from typing import Any

import redis
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

from writeback.envelope import post
from writeback.envelope.errors import EnvelopeError, Fault
from writeback.envelope.keyring import VerifyKey
from writeback.envelope.sealing import authenticate

TASK = "writeback.apply"
LARGEST_MESSAGE = 8 * 1024

logger = logging.getLogger(__name__)


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
    """Counts the threads that do a job.

    Args:
        many: how many there are.
    """

    def __init__(self, many: int) -> None:
        self._many, self._busy, self._lock = many, 0, Lock()

    def begin(self) -> None:
        """Count one more."""
        with self._lock:
            self._busy += 1

    def end(self) -> None:
        """Count one less."""
        with self._lock:
            self._busy -= 1

    def all_busy(self) -> bool:
        """Tell whether one more job would have to wait."""
        return self._busy >= self._many


def guarded_transport(guard: Guard, threads: Threads) -> type[kombu_redis.Transport]:
    """Return a Redis transport whose channels let nothing past the guard.

    Args:
        guard: looks at every element of the queue.
        threads: those that do the jobs.
    """
    channel = type("GuardedChannel", (_GuardedChannel,), {"guard": guard, "threads": threads})
    return type("GuardedTransport", (kombu_redis.Transport,), {"Channel": channel})


def unacked_key(worker: str) -> str:
    """Return the key of the hash in which a worker keeps what it was handed and has not begun."""
    return f"unacked.{worker}"


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


def kept_text(kept: bytes) -> str | None:
    """Return what was kept if it is base64 text; anybody may have written it."""
    try:
        base64.b64decode(kept, validate=True)
        return kept.decode("ascii") or None
    except ValueError:
        return None


class _GuardedQoS(virtual.QoS):
    """Keeps what was handed out and has to wait in one hash, from which a restart puts it back.

    kombu's own for Redis keeps everything, with an index beside it, by which it brings back after a minute
    what this very process still holds: where a process has a queue to itself, that makes copies.
    """

    channel: "_GuardedChannel"
    _delivered: Any  # kombu's: what was handed out, by tag
    _dirty: Any  # of these, what was acknowledged since

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: set[str] = set()

    def append(self, message: Any, delivery_tag: str) -> None:
        others_wait = len(self._delivered) > len(self._dirty)
        # Else a thread begins it now, and its journal tells what becomes of it.
        if others_wait or self.channel.threads.all_busy():
            self._kept.add(delivery_tag)
            with _at_best(), self.channel.conn_or_acquire() as client:
                client.hset(self.channel.unacked_key, delivery_tag, _text_in(message))
        super().append(message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Note that a thread begins a job, and count it first: the next job must not seem to find it free."""
        self.channel.threads.begin()
        self._let_go(delivery_tag)

    def _let_go(self, delivery_tag: str) -> None:
        # First: a tag that stayed would take a place for as long as this process lives.
        super().ack(delivery_tag)
        if delivery_tag in self._kept:
            self._kept.discard(delivery_tag)
            with _at_best(), self.channel.conn_or_acquire() as client:
                client.hdel(self.channel.unacked_key, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self._put_back(delivery_tag)
        self._let_go(delivery_tag)

    def restore_unacked(self, *_: Any) -> None:
        """Put back what no thread has begun, at an orderly end."""
        for tag in [tag for tag in self._delivered if tag not in self._dirty]:
            self._put_back(tag)
        self._delivered.clear()

    def _put_back(self, tag: str) -> None:
        element = json.dumps({"body": _text_in(self._delivered[tag])})
        with self.channel.conn_or_acquire() as client, client.pipeline(transaction=True) as pipe:
            pipe.hdel(self.channel.unacked_key, tag)
            pipe.rpush(self.channel.only_queue(), element)  # jobs are taken from this end
            pipe.execute()
        self._kept.discard(tag)


@contextmanager
def _at_best() -> Iterator[None]:
    """Go on where Redis hangs or is full: what is kept there helps after a crash, and stops nobody before."""
    try:
        yield
    except redis.RedisError as error:
        logger.warning("what waits is not kept beside the queue: %s", error)


def _text_in(message: Any) -> str:
    """Return the sealed text of a message that `message_for` built."""
    return str(json.loads(message.body)[0][0])


class _GuardedChannel(kombu_redis.Channel):
    guard: Guard
    threads: Threads
    unacked_key: str
    QoS: Any = _GuardedQoS
    connection_errors: tuple[type[Exception], ...]
    _queue_cycle: Any
    _create_client: Callable[[], Any]

    def only_queue(self) -> str:
        """Return the queue of this worker, which its unacked key is named after."""
        return post.queue_key(self.unacked_key.removeprefix(unacked_key("")))

    @cached_property
    def _steady(self) -> Any:
        return self._create_client()

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Iterator[Any]:
        """Lend the one client of this channel; kombu makes a new one for each command, which takes longer."""
        yield client or self._steady

    def _brpop_read(self, **options: Any) -> bool:
        try:
            found = self.client.parse_response(self.client.connection, "BRPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()
            raise
        finally:
            self._in_poll = None
        if not found:
            raise Empty
        queue = found[0].decode("ascii")
        self._queue_cycle.rotate(queue)
        text = self.guard.admit(found[1])
        if text is None:
            raise Empty
        self.connection._deliver(message_for(text, queue), queue)  # noqa: SLF001  # as the method that it replaces
        return True
