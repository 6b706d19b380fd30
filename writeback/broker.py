"""Step 4 of 8 at the worker: Redis as an untrusted post box, and one Celery task behind the guard."""

import base64
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis
from celery import Celery
from celery.worker.consumer import Consumer
from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.config import RedisConfig
from writeback.envelope import post
from writeback.envelope.bounds import UNPARSABLE
from writeback.envelope.broker_faults import BrokerFault, explain
from writeback.envelope.heartbeats import KEPT
from writeback.guard import TASK, Guard, Threads, guarded_transport
from writeback.intake import Posted
from writeback.strict_redis import strict_client
from writeback.trouble import Trouble

CONNECT_SECONDS = 3
SOCKET_SECONDS = 5
ANSWER_KEPT = 300

logger = logging.getLogger(__name__)


class PostBox:
    """Puts a worker's answers and heartbeats into Redis.

    Args:
        config: address and credentials.
    """

    def __init__(self, config: RedisConfig) -> None:
        self._client = strict_client(
            config,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=SOCKET_SECONDS,
            health_check_interval=SOCKET_SECONDS,
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )

    def fault(self) -> BrokerFault | None:
        """Return why Redis can't be used now, judged by a PING; None if it answers."""
        try:
            with self._catch_strange_answers():
                self._client.ping()
        except redis.RedisError as error:
            return explain(error)
        return None

    def answer(self, posted: Posted) -> None:
        """Put an answer where the portal waits for it; if Redis fails, JobStatus gives it later."""
        key = post.reply_key(posted.jti)
        try:
            with self._catch_strange_answers(), self._client.pipeline(transaction=True) as pipe:
                pipe.lpush(key, posted.blob)
                pipe.expire(key, ANSWER_KEPT)
                pipe.execute()
        except redis.RedisError as error:
            logger.warning("answer not sent: %s", explain(error))

    def heartbeat(self, site: str, worker: str, blob: bytes) -> None:
        """Set a heartbeat, which expires after 150 seconds; an empty one is removed at once.

        Raises:
            OSError: Redis can't be reached, or refuses.
        """
        try:
            with self._catch_strange_answers():
                if (
                    self._client.set(post.heartbeat_key(site, worker), blob, ex=KEPT if blob else 1)
                    is not True
                ):
                    raise redis.InvalidResponse("no answer to SET")
        except redis.RedisError as error:
            raise OSError(str(explain(error))) from None

    def remove_wrong_type(self, worker: str) -> None:
        """Remove a queue of the wrong type, from which no job could be taken."""
        try:
            with self._catch_strange_answers():
                self._remove_if_wrong(post.queue_key(worker))
        except redis.RedisError as error:
            logger.warning("queue not checked: %s", explain(error))

    def _remove_if_wrong(self, queue: str) -> None:
        try:
            self._client.llen(queue)
        except redis.ResponseError as error:
            if not str(error).startswith("WRONGTYPE"):
                raise
            logger.warning("%s had a wrong type and was removed", queue)
            self._client.delete(queue)

    @contextmanager
    def _catch_strange_answers(self) -> Iterator[None]:
        """Turn every error from a strange answer into one kind, and leave no connection half read."""
        try:
            yield
        except redis.RedisError:
            self._client.connection_pool.disconnect(inuse_connections=False)
            raise
        except (*UNPARSABLE, OSError) as error:
            self._client.connection_pool.disconnect(inuse_connections=False)
            raise redis.InvalidResponse(f"no answer: {type(error).__name__}") from error


def celery_app(
    config: RedisConfig,
    worker: str,
    guard: Guard,
    do: Callable[[bytes], None],
    *,
    threads: Threads,
    trouble: Trouble,
) -> Celery:
    """Return an app with one queue and one task that reads only what the guard lets through.

    Args:
        config: address of the post box.
        worker: the name of this worker; nobody else takes jobs from its queue.
        guard: decides which messages Celery sees at all.
        do: does one sealed job; never raises.
        threads: the threads that do the jobs.
        trouble: notes when Redis can't be used, and decides how long to wait.
    """
    app = Celery("writeback", fixups=[], set_as_current=False)
    app.conf.update(_settings(config, worker))
    app.conf.broker_transport = guarded_transport(guard, threads, trouble)
    app.conf.worker_consumer = type("TroubledConsumer", (_TroubledConsumer,), {"trouble": trouble})

    def apply(*args: object, **_: object) -> None:
        text = args[0] if args else None
        try:
            if isinstance(text, str):
                do(base64.b64decode(text))
        finally:
            threads.end()  # guard.py called `begin` when it took the job out of the queue

    app.task(name=TASK, typing=False, ignore_result=True)(apply)
    app.finalize()
    for name in [name for name in app.tasks if name != TASK]:
        app.tasks.unregister(name)
    return app


class _TroubledConsumer(Consumer):
    """Celery's consumer, which logs a lost connection in our own words, and not every time."""

    trouble: Trouble

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        self.trouble.note(exc)
        super().on_connection_error_after_connected(exc)


def _settings(config: RedisConfig, worker: str) -> dict[str, object]:
    queue = post.queue_key(worker)
    tls = {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
    if config.ca_file:
        tls["ssl_ca_certs"] = str(config.ca_file)
    return {
        "broker_url": config.url,
        "broker_user": config.username or None,
        "broker_password": config.password.reveal() or None,
        "broker_use_ssl": tls if _is_tls(config) else None,
        "broker_connection_timeout": CONNECT_SECONDS,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "priority_steps": [0],
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": SOCKET_SECONDS,
            "health_check_interval": SOCKET_SECONDS,
            "retry_on_timeout": False,
        },
        "task_queues": [Queue(queue, Exchange(queue, type="direct"), routing_key=queue)],
        "task_default_queue": queue,
        "task_create_missing_queues": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "task_ignore_result": True,
        "task_acks_late": False,
        "task_send_sent_event": False,
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_soft_shutdown_timeout": 15.0,
        "worker_detect_quorum_queues": False,
        "worker_cancel_long_running_tasks_on_connection_loss": True,  # none: they are acknowledged
    }


def _is_tls(config: RedisConfig) -> bool:
    return urlsplit(config.url).scheme == "rediss"
