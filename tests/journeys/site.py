"""A site of two workers that share a state on PostgreSQL and nothing else, as two hosts do."""

import shutil
from pathlib import Path

import psycopg

from deploy.dev.demo.configuration import WorkerFiles
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.pairing import manage, site_enrolment
from deploy.dev.demo.postgres import PostgresServer
from deploy.dev.lab import Lab
from tests.journeys.rig import LIMITS, Guest, Rig, held_worker

NAMES = ("w1", "w2")


class Site(Rig):
    """The rig with a second worker; all that portal and workers remember is on PostgreSQL."""

    def __init__(self, home: Path, lab: Lab, mailbox: Mailbox, postgres: PostgresServer) -> None:
        self.postgres, self._state = postgres, postgres.make_database("site_state")
        database = {"DATABASE_URL": postgres.make_database("site_portal")}
        super().__init__(home, lab, mailbox, workers=NAMES, environment=database, state=self._state)
        self.files = WorkerFiles(home / "worker-2", lab, self.redis, mailbox, worker="w2", state=self._state)
        self.first, self.second = self.worker, held_worker(self.files)

    def prepare(self) -> None:
        super().prepare()
        self.files.write(more=LIMITS)
        self.proxy.stand_before(self.second.configuration)
        shutil.copytree(self.first.home / "keys", self.second.home / "keys")
        site = site_enrolment(self.product.configuration, *NAMES)
        manage(self.product.environment, "pair", site.text, "--fingerprint", site.fingerprint)

    def start(self) -> None:
        super().start()
        self.second.start()

    def stop(self) -> None:
        self.second.stop()
        super().stop()

    def mend(self) -> None:
        """Bring the database and both workers back, too."""
        if not self.postgres.alive():
            self.postgres.start()
        self.second.let_go()
        if not self.second.child.alive():
            self.second.start()
        super().mend()

    def let_writes_end(self) -> None:
        with psycopg.connect(self._state) as database:
            database.execute("UPDATE journal SET intended = intended - 20, deadline = deadline - 20")

    def visitor(self) -> Guest:
        """Return somebody who is registered."""
        guest = Guest(self.product.base, self.lab.add_person(), self.mailbox)
        guest.register()
        return guest
