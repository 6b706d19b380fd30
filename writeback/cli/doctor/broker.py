"""The doctor's look at Redis: it answers, and lets this worker do what it must and nothing more."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from writeback.config import Config, RedisConfig
from writeback.envelope import post
from writeback.envelope.findings import Finding, failure, ok
from writeback.envelope.secret import Secret
from writeback.strict_redis import strict_client

SECONDS = 3
GRANT = "put into its aclfile the line that `writeback grant` prints"


def checks(config: Config) -> Iterator[Finding]:
    """Yield what was found; nothing is written."""
    client = _connect(config.redis)
    queue = post.queue_key(config.site.worker)
    try:
        client.ping()
        client.llen(queue)
        yield ok("redis.reached", f"Redis at {config.redis.url}, as {config.redis.username}")
        allowed = [name for name, command in _forbidden(config) if _may(client, command)]
    except redis.AuthenticationError:
        yield failure("redis.account", "Redis refuses this user or its password", GRANT)
        return
    except redis.exceptions.NoPermissionError:
        yield failure("redis.commands", "Redis does not let this worker do all that it must", GRANT)
        return
    except (redis.RedisError, OSError) as error:
        yield failure(
            "redis.reached", f"Redis at {config.redis.url}: {error}", "correct [redis], or open the way to it"
        )
        return
    finally:
        client.close()
    if allowed:
        yield failure("redis.bounds", f"Redis lets this worker {', '.join(allowed)}", GRANT)
    else:
        yield ok("redis.bounds", "Redis allows this worker nothing that it does not need")
    if _lets_anybody_in(config.redis):
        yield failure(
            "redis.default-user", "Redis answers without a password", "put into its aclfile: user default off"
        )
    else:
        yield ok("redis.default-user", "Redis answers nobody without a password")


def _lets_anybody_in(config: RedisConfig) -> bool:
    client = _connect(replace(config, username="", password=Secret("")))
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _forbidden(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Reading commands only: a check must not change anything where it is let in."""
    yield "list all keys", ("KEYS", "keyback-doctor-*")
    yield "read the server's settings", ("CONFIG", "GET", "maxmemory")
    yield "read other workers' queues", ("LLEN", post.queue_key(f"{config.site.worker}-other"))
    yield "read answers", ("LRANGE", post.reply_key(bytes(16)), "0", "0")
    yield "read heartbeats", ("GET", post.heartbeat_key(config.site.name, config.site.worker))


def _may(client: Any, command: tuple[str, ...]) -> bool:
    try:
        client.execute_command(*command)
    except redis.exceptions.NoPermissionError:
        return False
    except redis.ResponseError:
        return True
    return True


def _connect(config: RedisConfig) -> Any:  # redis-py's types know no raw commands
    once = Retry(NoBackoff(), 0)
    return strict_client(config, socket_connect_timeout=SECONDS, socket_timeout=SECONDS, retry=once)
