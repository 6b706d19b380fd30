"""The whole product where each part can be stopped, killed, cut off or held, and the worker's clock set."""

import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from http import HTTPStatus
from itertools import count
from pathlib import Path

from deploy.dev.demo.configuration import NO_WAITING, WorkerFiles
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.product import Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.walker import Page, Walker
from deploy.dev.lab import Lab, Person
from deploy.dev.lab.certificates import Authority
from deploy.dev.processes import wait_until
from tests.fakes.ldap_proxy import LdapProxy
from tests.fakes.worker_process import WorkerProcess
from tests.journeys.visitor import REFERENCE, Visitor, words

# Everybody comes from one address here, and registers and resets within seconds.
LIMITS = """
[limits]
new_factor_cooldown = "0s"
per_user = ["100/1h"]
global = "600/m"
jobs = "6000/m"
failed_signins = "1000/10m"
sends = { per_destination = "1000/1h", per_person = "1000/24h", per_site = "10000/1h" }

[attempts]
resend_wait = "0s"
"""
DONE = "Your new password is set."
NOTHING = "Nothing was changed."
WAITING = "We're waiting for the directory to confirm."
CLOSED = "Nothing can be done right now: the connection to your organisation's directory is down."
LINK = re.compile(r'<a class="button" href="([^"]+)">\s*Try again')
HURRY = NO_WAITING | {"KEYBACK_WAIT_SECONDS": "1"}


class Rig:
    """The product with a Redis of its own, a worker that can be held, and a proxy before its controller.

    The browser's request waits 1 s for an answer instead of 8.

    Args:
        workers: the names of the site's workers; the first is `worker`.
        environment: further environment for the portal.
        state: the address of a PostgreSQL database for the worker's state; without it that is a file.
    """

    def __init__(
        self,
        home: Path,
        lab: Lab,
        mailbox: Mailbox,
        *,
        workers: Sequence[str] = ("w1",),
        environment: Mapping[str, str] | None = None,
        state: str = "",
    ) -> None:
        self.lab, self.mailbox = lab, mailbox
        self.redis = RedisServer(
            home / "redis", workers=workers, authority=Authority.create(home), admin=True
        )
        self.proxy = LdapProxy(lab, home / "proxy")
        self.product = Product(
            home,
            lab=lab,
            redis=self.redis,
            mailbox=mailbox,
            limits=LIMITS,
            environment={**HURRY, **(environment or {})},
            state=state,
        )
        self.worker = held_worker(self.product.files)
        self._guest: Guest | None = None

    def start(self) -> None:
        self.redis.start()
        self.proxy.start()
        self.prepare()
        self.worker.start()
        self.product.portal.start()

    def prepare(self) -> None:
        """Write all files, and pair."""
        self.product.prepare()
        self.proxy.stand_before(self.product.configuration)

    def stop(self) -> None:
        self.product.portal.stop()
        self.worker.stop()
        self.proxy.stop()
        self.redis.stop()

    def mend(self) -> None:
        """Bring back whatever a test has broken or held."""
        self.worker.let_go()
        self.worker.set_clock(ahead=0)
        self.proxy.loses_request = self.proxy.loses_answer = False
        self.proxy.flow()
        self.proxy.up()
        if not self.redis.alive():
            self.redis.start()
        self.set_memory("64mb")
        if not self.worker.child.alive():
            self.worker.start()
        if not self.product.portal.alive():
            self.product.portal.start()
        assert self.is_open(seconds=20)

    def kill_portal(self) -> None:
        """`kill -9`, the web server's own worker too."""
        process = self.product.portal.process
        assert process
        os.killpg(process.pid, signal.SIGKILL)
        self.product.portal.kill()

    def let_writes_expire(self) -> None:
        """Make all writes expire for the portal, which then closes those without an outcome."""
        with self._database(self.product.database) as database:
            database.execute("UPDATE dispatch_jobrecord SET expires_at = sent_at")

    def let_writes_end(self) -> None:
        """Make every begun write so old that it can't be under way any more."""
        with self._database(self.product.files.home / "state.sqlite3") as database:
            database.execute("UPDATE journal SET intended = intended - 20, deadline = deadline - 20")

    def visitor(self) -> "Guest":
        """Return somebody who is registered, with a backup code left, at a fresh browser."""
        if self._guest is None or not self._guest.has_codes() or self._is_writing():
            self._guest = Guest(self.product.base, self.lab.add_person(), self.mailbox)
            self._guest.register()
        self._guest.walker = Walker(self.product.base)
        return self._guest

    def _is_writing(self) -> bool:
        """Tell whether a write is unsettled; settling it ends every attempt that its person has open then."""
        with self._database(self.product.files.home / "state.sqlite3") as database:
            (many,) = database.execute("SELECT count(*) FROM journal WHERE state = 'intent'").fetchone()
        return bool(many)

    def notices(self, page: Page) -> int:
        """Return how many notices have arrived about the reset whose result this page shows."""
        (reference,) = set(REFERENCE.findall(page.text))
        sent = [mail for mail in self.mailbox.messages if "was reset" in mail.subject]
        return sum(reference in mail.text for mail in sent)

    def wait_for_notices(self, page: Page, many: int, *, seconds: float = 10) -> bool:
        """Wait until that many notices have arrived; say whether they have."""
        return wait_until(lambda: self.notices(page) >= many, seconds=seconds)

    def delete_answers(self) -> bool:
        """Delete the worker's answers, as whoever holds Redis can; say whether there were any."""
        with self.redis.client() as attacker:

            def is_gone() -> bool:
                return any(attacker.delete(key) for key in list(attacker.scan_iter("reply:*")))

            return wait_until(is_gone, seconds=5)

    def set_memory(self, most: str) -> None:
        """Limit the memory of Redis, in its own notation, such as `64mb`."""
        with self.redis.client() as attacker:
            attacker.config_set("maxmemory", most)

    def is_open(self, *, seconds: float = 5) -> bool:
        """Wait until the portal lets people begin, and say whether it does."""
        return wait_until(lambda: self._first_page() == HTTPStatus.OK, seconds=seconds)

    def is_closed(self) -> bool:
        """Wait until the portal lets nobody begin, and say whether it does not."""
        return wait_until(lambda: self._first_page() == HTTPStatus.SERVICE_UNAVAILABLE, seconds=5)

    def _first_page(self) -> int:
        return Walker(self.product.base).get("/reset/").status

    @contextmanager
    def _database(self, file: Path) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(file, timeout=10)) as database, database:
            yield database


def held_worker(files: WorkerFiles) -> WorkerProcess:
    """Return a worker that can be held, with a heartbeat every two seconds."""
    controls = files.home.with_name(f"{files.home.name}-controls")
    controls.mkdir()
    return WorkerProcess(files.home, files.redis, "--every", "2", name=files.worker, controls=controls)


class Guest(Visitor):
    """Somebody who comes again and again, each time with a new password and her next backup code."""

    def __init__(self, base: str, person: Person, mailbox: Mailbox) -> None:
        super().__init__(base, person, mailbox)
        self._resets = count(1)
        self._left = 0
        self.old = self.new = person.password

    def register(self) -> None:
        super().register()
        assert self.registered
        self._left = len(self.registered.backup_codes)

    def has_codes(self) -> bool:
        return self._left > 0

    def code(self, kind: str, before: int = 0) -> str:
        if kind != "backup_codes":
            return super().code(kind, before)
        assert self.registered
        self._left -= 1
        return self.registered.backup_codes[-1 - self._left]

    def begin(self, path: str, *, name: str | None = None) -> Page:
        self.new = f"Quiet-harbour-{next(self._resets):04d}"
        return super().begin(path, name=name)

    def submit(self, page: Page) -> Page:
        """Type the new password twice, and return what comes after that."""
        return self.walker.fill(page, new=self.new, confirm=self.new)

    def until(self, page: Page, told: str) -> Page:
        """Look at a result again and again until it tells this, and return the page that does."""
        deadline = time.monotonic() + 20
        while told not in words(page) and time.monotonic() < deadline:
            time.sleep(0.2)
            page = self.walker.get(page.path)
        assert told in words(page)
        if told == DONE:
            self.old = self.new
        return page

    def again(self, page: Page) -> Page:
        """Click on "Try again"."""
        return self.walker.get(LINK.findall(page.text)[0])
