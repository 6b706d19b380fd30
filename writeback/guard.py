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

from kombu.transport import redis as kombu_redis
from kombu.transport import virtual

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


def guarded_transport(guard: Guard, is_busy: Callable[[], bool]) -> type[kombu_redis.Transport]:
    """Return a Redis transport whose channels let nothing past the guard.

    Args:
        guard: looks at every element of the queue.
        is_busy: True while no thread is free to begin a job at once.
    """
    channel = type("GuardedChannel", (_GuardedChannel,), {"guard": guard, "is_busy": staticmethod(is_busy)})
    return type("GuardedTransport", (kombu_redis.Transport,), {"Channel": channel})


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
    """Return the base64 text of a message that was handed out and not acknowledged, if it is one."""
    try:
        base64.b64decode(kept, validate=True)
        return kept.decode("ascii") or None
    except ValueError:
        return None


class _GuardedQoS(kombu_redis.QoS):
    """Keeps what was handed out and has to wait in one hash, from which a restart puts it back.

    kombu's own keeps everything, with an index beside it, by which it brings back after a minute what this
    very process still holds: where one process has a queue to itself, that makes copies and takes its time.
    """

    channel: "_GuardedChannel"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: set[str] = set()

    def append(self, message: Any, delivery_tag: str) -> None:
        others_wait = len(self._delivered or ()) > len(self._dirty or ())
        if others_wait or self.channel.is_busy():  # else a thread begins it now, as if it had come to that
            with self.channel.conn_or_acquire() as client:
                client.hset(self.unacked_key, delivery_tag, _text_in(message))
            self._kept.add(delivery_tag)
        virtual.QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        if delivery_tag in self._kept:
            with self.channel.conn_or_acquire() as client:
                client.hdel(self.unacked_key, delivery_tag)
            self._kept.discard(delivery_tag)
        virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if requeue:
            self.restore_by_tag(delivery_tag, leftmost=True)
        self.ack(delivery_tag)

    def restore_visible(self, *_: Any, **__: Any) -> None:
        """Bring nothing back: this process still holds it, and begins it as soon as a thread is free."""

    def restore_by_tag(self, tag: Any, client: Any = None, leftmost: bool = False) -> None:
        element = json.dumps({"body": _text_in((self._delivered or {})[tag])})
        with (
            self.channel.conn_or_acquire(client) as connection,
            connection.pipeline(transaction=True) as pipe,
        ):
            pipe.hdel(self.unacked_key, tag)
            (pipe.lpush if leftmost else pipe.rpush)(self.channel.only_queue(), element)
            pipe.execute()


def _text_in(message: Any) -> str:
    """Return the sealed text of a message that `message_for` built."""
    return str(json.loads(message.body)[0][0])


class _GuardedChannel(kombu_redis.Channel):
    guard: Guard
    is_busy: Callable[[], bool]
    QoS = _GuardedQoS
    connection_errors: tuple[type[Exception], ...]
    _queue_cycle: Any
    _create_client: Callable[[], Any]

    def only_queue(self) -> str:
        """Return the queue of this worker, which its unacked key is named after."""
        return str(self.unacked_key).removeprefix("unacked.")

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
