"""What can be broken in Redis and in the mail relay."""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from deploy.dev.demo.redis import RedisServer
from tests.doctor.case import Bench, Cases
from tests.fakes.certificates import Authority
from tests.fakes.relay import Relay
from writeback.cli.doctor import broker, relay
from writeback.envelope.expiry import check_expiry
from writeback.envelope.findings import Finding, Level

WARNING, FAILURE = Level.WARNING, Level.FAILURE
GRANT = "put the line that `writeback grant` prints into its aclfile"
REACH = "see whether it runs, and who may reach its port"
CASES = case = Cases()


@case(
    "no Redis at the address",
    "redis.reached",
    FAILURE,
    "Redis can't be reached (UNREACHABLE), at rediss://…",
    REACH,
    needs=["redis"],
)
def _no_redis(bench: Bench) -> Iterable[Finding]:
    bench.files.replace(bench.redis.url, "rediss://127.0.0.1:1/0")
    return bench.look(broker.checks)


@case(
    "a wrong password for Redis",
    "redis.reached",
    FAILURE,
    "Redis refuses this user or its password (WRONGPASS), at rediss://…",
    GRANT,
    needs=["redis"],
)
def _wrong_password(bench: Bench) -> Iterable[Finding]:
    assert bench.redis.alive()
    bench.files.secret("redis", "wrong")
    return bench.look(broker.checks)


@case(
    "a certificate of Redis from another authority: the worker does not start",
    "redis.reached",
    FAILURE,
    "the certificate of Redis ends at a root authority that is not in the file of authorities (CERTIFICATE)…",
    "export the root as PEM, and add it to the file that [redis] ca_file (portal: KEYBACK_REDIS_CA) names",
    needs=["redis"],
)
def _wrong_authority(bench: Bench) -> Iterable[Finding]:
    bench.files.replace(str(bench.redis.ca_file), str(bench.folder / "ca.pem"))
    return bench.look(broker.checks)


@case(
    "a certificate of Redis that expires in 20 days",
    "redis.certificate",
    WARNING,
    "the certificate of Redis expires in 20 days",
    "give Redis a new one, and restart it",
    needs=["redis"],
)
def _ends_soon(bench: Bench) -> Iterable[Finding]:
    return _ends_in(bench, 20)


@case(
    "a certificate of Redis that expires in 3 days",
    "redis.certificate",
    FAILURE,
    "the certificate of Redis expires in 3 days",
    "give Redis a new one, and restart it",
    needs=["redis"],
)
def _ends_now(bench: Bench) -> Iterable[Finding]:
    return _ends_in(bench, 3)


def _ends_in(bench: Bench, days: int) -> Iterable[Finding]:
    """Return the finding of a real certificate, as if it expired in that many days."""
    assert bench.redis.alive()
    (real,) = (one for one in bench.look(broker.checks) if one.check == "redis.certificate")
    assert real.level is Level.OK
    whose, _, _ = real.says.partition(" expires in ")
    return [check_expiry(real.check, whose, (days + 0.5) * 24 * 3600, broker.RENEW)]


@case(
    "a Redis account without `brpop`",
    "redis.commands",
    FAILURE,
    "Redis does not let this worker: take jobs (brpop)",
    GRANT,
    needs=["redis"],
)
def _no_brpop(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "-brpop"):
        return bench.look(broker.checks)


@case(
    "a Redis account that can't set heartbeats",
    "redis.commands",
    FAILURE,
    "Redis does not let this worker: set heartbeats (set)",
    GRANT,
    needs=["redis"],
)
def _no_heartbeat(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "clearselectors", "(-@all +lpush +expire %W~reply:*)"):
        return bench.look(broker.checks)


@case(
    "a Redis account that can't send answers",
    "redis.commands",
    FAILURE,
    "Redis does not let this worker: send answers (lpush), let answers expire (expire)",
    GRANT,
    needs=["redis"],
)
def _no_answers(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "clearselectors", "(-@all +set %W~hb:main:w1)"):
        return bench.look(broker.checks)


@case(
    "a Redis account without `exec`",
    "redis.commands",
    FAILURE,
    "Redis does not let this worker: end a transaction (exec)",
    GRANT,
    needs=["redis"],
)
def _no_exec(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "-exec"):
        return bench.look(broker.checks)


@case(
    "the Redis account of another worker",
    "redis.commands",
    FAILURE,
    "Redis does not let this worker: take jobs (brpop), put jobs back (rpush), …, set heartbeats (set)",
    GRANT,
    needs=["redis"],
)
def _other_worker(bench: Bench) -> Iterable[Finding]:
    assert bench.redis.alive()
    bench.files.replace('username = "writeback-w1"', 'username = "writeback-w2"')
    bench.files.secret("redis", bench.redis.workers["w2"].password)
    return bench.look(broker.checks)


@case(
    "a Redis account that may do everything",
    "redis.bounds",
    FAILURE,
    "Redis lets this worker list all keys, remove everything, …, read answers, read heartbeats, "
    "set other workers' heartbeats",
    GRANT,
    needs=["redis"],
)
def _too_much(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "+@all", "~*"):
        return bench.look(broker.checks)


@case(
    "the default user of Redis left on: the worker does not start",
    "redis.default-user",
    FAILURE,
    "Redis answers without a password; the worker does not start",
    "put into its aclfile: user default off",
    needs=["redis"],
)
def _default_user(bench: Bench) -> Iterable[Finding]:
    with _account_of(bench.redis, "on", "nopass", "+@all", "~*", name="default"):
        return bench.look(broker.checks)


@case(
    "no mail relay at the address",
    "mail.relay",
    FAILURE,
    "mail relay 127.0.0.1:1: …",
    "correct [mail], or open the firewall to the relay",
)
def _no_relay(bench: Bench) -> Iterable[Finding]:
    return bench.look(relay.checks)


@case(
    "a certificate of the relay that expires in 20 days",
    "mail.certificate",
    WARNING,
    "the certificate of the mail relay localhost:… expires in 20 days",
    "renew it on the relay",
)
def _relay_ends_soon(bench: Bench) -> Iterable[Finding]:
    folder = bench.folder / "relay"
    folder.mkdir()
    authority = Authority.create(folder)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.issue("localhost", end=20.5))
    with Relay(starttls=server) as running:
        bench.files.replace('"127.0.0.1"', '"localhost"')
        bench.files.replace("port = 1\n", f"port = {running.port}\n")
        bench.files.replace('security = "none"', f'security = "starttls"\nca_file = "{authority.ca_file}"')
        return bench.look(relay.checks)


@contextmanager
def _account_of(server: RedisServer, *rules: str, name: str = "writeback-w1") -> Iterator[None]:
    """Change an account of Redis, and load all of them again afterwards."""
    with server.client() as admin:
        admin.execute_command("ACL", "SETUSER", name, *rules)
        try:
            yield
        finally:
            admin.execute_command("ACL", "LOAD")
