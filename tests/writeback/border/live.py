"""A worker process without a lab, and a portal in the test's hands."""

import base64
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab.certificates import write_secret
from deploy.dev.processes import wait_until
from tests.fakes.directory import BASE
from tests.fakes.redis_server import FakeRedis
from tests.fakes.worker_process import WorkerProcess
from writeback.envelope import post
from writeback.envelope.answers import Answer
from writeback.envelope.jobs import JOBS, Begin, Job, Operation
from writeback.envelope.keyring import SigningKey
from writeback.envelope.pairing import write_portal_enrolment
from writeback.envelope.sealing import SealedJob, open_answer, seal_job
from writeback.envelope.secret import Secret

CONFIG = """
[site]
name = "{site}"
worker = "{worker}"
state = "sqlite:///{state}/state.db"
keys = "{shared}/keys"
run = "{home}/run"
audit = "{home}/audit.jsonl"
[redis]
url = "{url}"
{ca}
username = "{user}"
password_file = "{home}/redis.secret"
[portal]
public_key_file = "{shared}/portal.pub"
[[directory]]
id = "corp"
hosts = ["dc1.corp.example"]
base = "{base}"
bind = "CN=svc,{base}"
password_file = "{home}/redis.secret"
[mail]
host = "127.0.0.1"
port = 9
security = "none"
sender = "keyback@corp.example"
[scope]
bases = ["OU=Staff,{base}"]
[notify]
contact = "helpdesk@corp.example"
[limits]
jobs = "100000/m"
[operations]
allow = {allow}
"""
BEGIN = Begin(site="main", operation=Operation.RESET, name="nobody")


class LiveWorker(WorkerProcess):
    """A worker of the site `main` on a real Redis, whose directory is in memory.

    Args:
        portal: the key of the portal that is paired.
        beside: a worker of the same host, whose keys and state this one shares.
        state_of: a worker of another host, whose state this one shares.
        hasty: sets heartbeats, and tries a Redis that fails, several times a second.
    """

    def __init__(
        self,
        home: Path,
        server: RedisServer | FakeRedis,
        *,
        name: str = "w1",
        portal: SigningKey | None = None,
        beside: "LiveWorker | None" = None,
        state_of: "LiveWorker | None" = None,
        hasty: bool = False,
    ) -> None:
        pace = ("--every", "0.1", "--longest-wait", "0.25") if hasty else ()
        super().__init__(home, server, "--in-memory", *pace, name=name, controls=home)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.portal = portal or SigningKey.generate()
        shared = beside.home if beside else home
        self._write_config(shared, (state_of or beside or self).home)
        self.vault.create()
        self.vault.pin_portal(write_portal_enrolment(self.portal))

    @property
    def pid(self) -> int | None:
        """Of the process, or None when it has ended."""
        process = self.child.process
        return process.pid if process and process.poll() is None else None

    def seal(
        self, job: Job = BEGIN, *passwords: str, signer: SigningKey | None = None, ahead: float = 0
    ) -> SealedJob:
        """Seal a job for this worker, by a portal whose clock is so many seconds ahead."""
        given = [Secret(text) for text in passwords]
        to = self.beat().recipient()
        return seal_job(job, passwords=given, to=to, signer=signer or self.portal, now=time.time() + ahead)

    def send(self, sealed: SealedJob) -> None:
        """Put a job into the queue as the portal does."""
        self.push(post.queue_element(sealed.blob))

    def answer(self, sealed: SealedJob, *, seconds: float = 10) -> Answer | None:
        """Wait for the answer to a job."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            found = self.attacker.blpop([post.reply_key(sealed.jti)], timeout=min(left, 1))
            if found:
                return open_answer(found[1], sent=sealed, site=self.vault.identity().public).answer
        return None

    def ask(self, job: Job = BEGIN, *passwords: str, seconds: float = 10) -> Answer | None:
        """Do one job."""
        sealed = self.seal(job, *passwords)
        self.send(sealed)
        return self.answer(sealed, seconds=seconds)

    def is_drained(self) -> bool:
        """Tell whether the queue is empty; what was taken last may still be at work."""
        return bool(self.attacker.llen(post.queue_key(self.name)) == 0)

    def wait_drained(self, *, seconds: float = 10) -> None:
        assert wait_until(self.is_drained, seconds=seconds)

    def log(self) -> str:
        """Return what it has logged so far."""
        return self.child.log.read_text()

    def _write_config(self, shared: Path, state: Path) -> None:
        login = self.server.workers[self.name]
        write_secret(self.home / "redis.secret", login.password.encode())
        text = CONFIG.format(
            site=self.server.site,
            worker=self.name,
            home=self.home,
            shared=shared,
            state=state,
            url=self.server.url,
            ca=f'ca_file = "{self.server.ca_file}"' if self.server.ca_file else "",
            user=login.username,
            base=BASE,
            allow=json.dumps([kind.__name__ for kind in JOBS.values()]),
        )
        write_secret(self.configuration, text.encode())


def kombu_element(sealed: bytes, *, headers: Sequence[tuple[str, Any]] = (), **properties: Any) -> bytes:
    """Return a job as Celery itself would put it, with headers and properties as an attacker likes them."""
    identifier = "11111111-2222-3333-4444-555555555555"
    message = {
        "body": base64.b64encode(sealed).decode("ascii"),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {"lang": "py", "task": "writeback.apply", "id": identifier, **dict(headers)},
        "properties": {
            "body_encoding": "base64",
            "delivery_info": {"exchange": "", "routing_key": "writeback.w1"},
            "delivery_tag": identifier,
            **properties,
        },
    }
    return json.dumps(message).encode("ascii")
