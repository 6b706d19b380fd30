"""A site of two workers that share a state on PostgreSQL and nothing else, as two hosts do."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

from deploy.dev.demo.configuration import WorkerFiles
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.pairing import manage, site_enrolment
from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.supervisor import Child
from deploy.dev.lab import Lab
from deploy.dev.lab.certificates import Authority
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import wait_until
from portal.dispatch.liveness import FRESH
from tests.fakes.ldap_proxy import HOST, LdapProxy
from tests.journeys.rig import HURRY, LIMITS, Guest
from writeback.envelope import post

NAMES = ("w1", "w2")


class Worker:
    """One host's worker, with files of its own: the site's keys are a copy, its prekeys only its own."""

    def __init__(self, files: WorkerFiles, controls: Path) -> None:
        self.files, self.name = files, files.worker
        self.controls = controls
        controls.mkdir(parents=True)
        configuration = files.home / "writeback.toml"
        self.child = Child(
            f"worker {self.name}",
            [sys.executable, "-m", "tests.fakes.held_worker", str(configuration), str(controls)],
            log=files.home / "worker.log",
            ready=self._beats,
            cwd=REPOSITORY,
        )

    def start(self) -> None:
        """Start it and wait for a heartbeat of its own."""
        self.forget()
        self.child.start()

    def vanish(self) -> None:
        """`kill -9`, and wait until the portal no longer believes its last heartbeat."""
        self.child.kill()
        self.forget()
        time.sleep(FRESH)  # for so long the portal believes what it has read

    def forget(self) -> None:
        """Do what Redis does with a heartbeat that nobody has renewed for 150 seconds."""
        with self.files.redis.client() as admin:
            admin.delete(post.heartbeat_key("main", self.name))

    def queued(self) -> list[bytes]:
        """Return what lies in its queue."""
        with self.files.redis.client() as attacker:
            return list(attacker.lrange(post.queue_key(self.name), 0, -1))

    def push(self, *elements: bytes) -> None:
        """Put elements into its queue, as whoever holds Redis can."""
        with self.files.redis.client() as attacker:
            attacker.lpush(post.queue_key(self.name), *elements)

    def hold(self, point: str) -> None:
        """Make it stop at a point of the next reset."""
        (self.controls / "hold").write_text(point)

    def is_held(self) -> bool:
        """Wait until it has got to the point; say whether it did."""
        return wait_until((self.controls / "held").exists, seconds=10)

    def let_go(self) -> None:
        """Let it go on, or the process that replaces it."""
        for name in ("hold", "held"):
            (self.controls / name).unlink(missing_ok=True)

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the facts of the events of that name in its audit."""
        lines = map(json.loads, (self.files.home / "audit.jsonl").read_text().splitlines())
        return [line["facts"] for line in lines if line["event"] == name]

    def command(self, *words: str) -> str:
        """Run one of the worker's commands on its host, and return what it prints."""
        argv = [sys.executable, "-m", "writeback.cli.main", *words]
        argv += ["--config", str(self.files.home / "writeback.toml")]
        return subprocess.run(argv, cwd=REPOSITORY, check=False, capture_output=True, text=True).stdout

    def _beats(self) -> bool:
        with self.files.redis.client() as client:
            return client.get(post.heartbeat_key("main", self.name)) is not None


class Site:
    """The portal and two workers before one domain controller; all that they remember is on PostgreSQL."""

    def __init__(self, home: Path, lab: Lab, mailbox: Mailbox, postgres: PostgresServer) -> None:
        self.lab, self.mailbox, self.postgres = lab, mailbox, postgres
        self.redis = RedisServer(home / "redis", workers=NAMES, authority=Authority.create(home), admin=True)
        self.proxy = LdapProxy(lab, home / "proxy")
        self._state = postgres.make_database("site_state")
        database = {"DATABASE_URL": postgres.make_database("site_portal")}
        self.product = Product(
            home,
            lab=lab,
            redis=self.redis,
            mailbox=mailbox,
            limits=LIMITS,
            environment=HURRY | database,
            state=self._state,
        )
        second = WorkerFiles(home / "worker-2", lab, self.redis, mailbox, worker="w2", state=self._state)
        self.first = Worker(self.product.files, home / "controls-1")
        self.second = Worker(second, home / "controls-2")

    def start(self) -> None:
        self.redis.start()
        self.proxy.start()
        self.product.prepare()
        self.second.files.write(more=LIMITS)
        keys = self.second.files.home / "keys"
        shutil.copytree(self.first.files.home / "keys", keys)
        for worker in (self.first, self.second):
            self._lead_through_proxy(worker.files.home / "writeback.toml")
        site = site_enrolment(self.product.configuration, *NAMES)
        manage(self.product.environment, "pair", site.text, "--fingerprint", site.fingerprint)
        self.first.start()
        self.second.start()
        self.product.portal.start()

    def stop(self) -> None:
        self.product.portal.stop()
        self.second.child.stop()
        self.first.child.stop()
        self.proxy.stop()
        self.redis.stop()

    def mend(self) -> None:
        """Bring the database and both workers back."""
        if not self.postgres.alive():
            self.postgres.start()
        for worker in (self.first, self.second):
            worker.let_go()
            if not worker.child.alive():
                worker.start()

    def let_writes_end(self) -> None:
        """Make every begun write so old that it can't be under way any more."""
        with psycopg.connect(self._state) as database:
            database.execute("UPDATE journal SET intended = intended - 20, deadline = deadline - 20")

    def visitor(self) -> Guest:
        """Return somebody who is registered."""
        guest = Guest(self.product.base, self.lab.add_person(), self.mailbox)
        guest.register()
        return guest

    def _lead_through_proxy(self, configuration: Path) -> None:
        direct = f"{self.lab.host}@{self.lab.address}"
        through = f"{self.lab.host}@{HOST}:{self.proxy.port}"
        configuration.write_text(configuration.read_text().replace(direct, through))
