"""A site of two workers that share a state on PostgreSQL and nothing else, as two hosts do."""

import shutil
from pathlib import Path

import psycopg

from deploy.dev.demo.configuration import WorkerFiles
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.pairing import manage, site_enrolment
from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.lab import Lab
from deploy.dev.lab.certificates import Authority
from tests.fakes.ldap_proxy import LdapProxy
from tests.journeys.rig import HURRY, LIMITS, Guest, held_worker

NAMES = ("w1", "w2")


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
        self.files = WorkerFiles(home / "worker-2", lab, self.redis, mailbox, worker="w2", state=self._state)
        self.first = held_worker(self.product.files)
        self.second = held_worker(self.files)

    def start(self) -> None:
        self.redis.start()
        self.proxy.start()
        self.product.prepare()
        self.files.write(more=LIMITS)
        shutil.copytree(self.first.home / "keys", self.second.home / "keys")
        for worker in (self.first, self.second):
            self.proxy.stand_before(worker.configuration)
        site = site_enrolment(self.product.configuration, *NAMES)
        manage(self.product.environment, "pair", site.text, "--fingerprint", site.fingerprint)
        self.first.start()
        self.second.start()
        self.product.portal.start()

    def stop(self) -> None:
        self.product.portal.stop()
        self.second.stop()
        self.first.stop()
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
