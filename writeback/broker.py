"""Step 4 of 8, the worker's end: Redis as an untrusted post box, and one Celery task behind the guard."""

import base64
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import redis
from celery import Celery
from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.config import RedisConfig
from writeback.envelope import post
from writeback.envelope.heartbeats import KEPT
from writeback.guard import TASK, Guard, Threads, guarded_transport
from writeback.intake import Posted

CONNECT_SECONDS = 3
SOCKET_SECONDS = 5
ANSWER_KEPT = 300

logger = logging.getLogger(__name__)


class PostBox:
    """What a worker puts into Redis: answers and heartbeats.

    Args:
        config: address and credentials.
    """

    def __init__(self, config: RedisConfig) -> None:
        tls = {"ssl_ca_certs": str(config.ca_file)} if config.ca_file and _is_tls(config) else {}
        self._client: Any = redis.Redis.from_url(  # its types know neither bytes nor pipelines
            config.url,
            username=config.username or None,
            password=config.password.reveal() or None,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=SOCKET_SECONDS,
            health_check_interval=SOCKET_SECONDS,
            retry=Retry(NoBackoff(), 1),
            **tls,
        )

    def answer(self, posted: Posted) -> None:
        """Put an answer where the one who asked waits for it; without Redis, JobStatus will tell it later."""
        key = post.reply_key(posted.jti)
        try:
            with self._client.pipeline(transaction=True) as pipe:
                pipe.lpush(key, posted.blob)
                pipe.expire(key, ANSWER_KEPT)
                pipe.execute()
        except redis.RedisError as error:
            logger.warning("answer not sent: %s", error)

    def heartbeat(self, site: str, worker: str, blob: bytes) -> None:
        """Set a heartbeat, which goes by itself after 150 seconds; an empty one goes at once.

        Raises:
            OSError: Redis can't be reached, or refuses.
        """
        try:
            self._client.set(post.heartbeat_key(site, worker), blob, ex=KEPT if blob else 1)
        except redis.RedisError as error:
            raise OSError(str(error)) from None

    def remove_wrong_type(self, worker: str) -> None:
        """Remove a queue that somebody gave another type, which would end this worker at its first look.

        To be called before the first job is taken.
        """
        try:
            self._remove_if_wrong(post.queue_key(worker))
        except redis.RedisError as error:
            logger.warning("queue not looked at: %s", error)

    def _remove_if_wrong(self, queue: str) -> None:
        try:
            self._client.llen(queue)
        except redis.ResponseError as error:
            if not str(error).startswith("WRONGTYPE"):
                raise
            logger.warning("%s had a wrong type and was removed", queue)
            self._client.delete(queue)


def celery_app(
    config: RedisConfig,
    worker: str,
    guard: Guard,
    do: Callable[[bytes], None],
    *,
    threads: Threads,
) -> Celery:
    """Return an app that knows one queue and one task, and reads nothing that the guard keeps out.

    Args:
        config: where the post box is.
        worker: the name of this worker; nobody else takes jobs from its queue.
        guard: what decides which messages Celery sees at all.
        do: does one sealed job; never raises.
        threads: those that do the jobs.
    """
    app = Celery("writeback", fixups=[], set_as_current=False)
    app.conf.update(_settings(config, worker))
    app.conf.broker_transport = guarded_transport(guard, threads)

    def apply(*args: object, **_: object) -> None:
        text = args[0] if args else None
        try:
            if isinstance(text, str):
                do(base64.b64decode(text))
        finally:
            threads.end()  # begun when it was taken out of the queue (guard.py)

    app.task(name=TASK, typing=False, ignore_result=True)(apply)
    app.finalize()
    for name in [name for name in app.tasks if name != TASK]:
        app.tasks.unregister(name)
    return app


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
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


def _is_tls(config: RedisConfig) -> bool:
    return urlsplit(config.url).scheme == "rediss"
