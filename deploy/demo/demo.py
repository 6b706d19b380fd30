"""The demo: a throw-away forest, Redis, a mail server, a writeback worker and the portal, in this order."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from deploy.demo.mailbox import Mail, Mailbox
from deploy.demo.product import WEB, Admin, Product
from deploy.demo.redis import RedisServer
from deploy.demo.registering import Registered, register
from deploy.demo.supervisor import Part, run
from deploy.lab import Lab
from deploy.lab.__main__ import table
from deploy.lab.certificates import write_secret
from deploy.processes import SetupError, port_is_free, wait_until


class Demo:
    """All parts of the demo, with everything that they write below `home`.

    `network` is the first three numbers of the loopback addresses that the forest, Redis and the mail server
    get, so that a test can run a demo beside another one.
    """

    def __init__(self, home: Path, *, network: str = "127.0.10", port: int = 8000) -> None:
        """Name what the demo is to be; nothing is started or written before `run`."""
        self.home = home.resolve()
        self.port = port
        self.lab = Lab(self.home / "lab", f"{network}.10")
        self.mailbox = Mailbox(
            address=f"{network}.30", port=2525, outbox=self.home / "outbox", arrived=print_mail
        )
        self._redis_address = f"{network}.20"
        self._redis: RedisServer | None = None
        self._lock: TextIO | None = None
        self._product: Product | None = None
        self._alice: Registered | None = None
        self._admin: Admin | None = None
        self._codes = ""

    def run(self) -> int:
        """Run the demo until it is told to end; return the exit code."""
        self._take_home()
        self._need_port()
        return run(self.parts(), started=self._tell, tick=self._tell_code)

    def parts(self) -> Iterator[Part]:
        """Yield what is to be started, in order; each finds the ones before it up."""
        yield Part("the forest CORP.EXAMPLE", self.lab.start, self.lab.stop, self.lab.alive)
        yield Part("Redis", self.redis.start, self.redis.stop, self.redis.alive)
        yield Part("the mail server", self.mailbox.start, self.mailbox.stop, self.mailbox.alive)
        yield Part("the portal's database and the pairing", self._prepare, _nothing, _always)
        yield Part.of(self.product.worker)
        yield Part.of(self.product.portal)
        yield Part("alice's ways to prove it's her", self._register_alice, _nothing, _always)

    @property
    def redis(self) -> RedisServer:
        """The demo's post box; to be asked for only when the forest is up, whose authority signs for it."""
        if self._redis is None:
            self._redis = RedisServer(
                self.home / "redis", authority=self.lab.authority, address=self._redis_address, port=6379
            )
        return self._redis

    @property
    def product(self) -> Product:
        """The portal and the worker; to be asked for only when the forest is up."""
        if self._product is None:
            self._product = Product(
                self.home, lab=self.lab, redis=self.redis, mailbox=self.mailbox, port=self.port
            )
        return self._product

    def _prepare(self) -> None:
        self.product.prepare()
        self._admin = self.product.make_admin()

    def _register_alice(self) -> None:
        """Let alice register through the portal's own pages."""
        self._alice = register(self.product.base, self.lab.people["alice"], self.mailbox)
        write_secret(self.home / "alice.seed", self._alice.app.seed.encode())

    def _tell(self) -> None:
        print(f"\n{table(self.lab)}")
        if self._admin:
            print(f"\n{self._admin.name} of the portal itself, on /admin/: {self._admin.password}")
        print(f"\nMails are shown here and kept in {self.home / 'outbox'}.")
        print(f"\nKeyback runs on {self.product.base}. Ctrl-C ends it.\n", flush=True)

    def _tell_code(self) -> None:
        """Show the codes of alice and the admin whenever their apps show new ones."""
        if not self._alice or not self._admin:
            return
        codes = f"alice {_spaced(self._alice.app.code())} · admin {_spaced(self._admin.app.code())}"
        if codes != self._codes:
            self._codes = codes
            print(f"  authenticator apps: {codes}", flush=True)

    def _take_home(self) -> None:
        """Hold the folder for as long as this process lives, and empty it: each demo is a fresh one."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._lock = (self.home / "demo.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"Another demo runs in {self.home}; stop it first.") from None
        for old in self.home.iterdir():
            if old.name != "demo.lock":
                shutil.rmtree(old) if old.is_dir() else old.unlink()

    def _need_port(self) -> None:
        if not wait_until(lambda: port_is_free(WEB, self.port), seconds=3):
            raise SetupError(f"The portal needs port {self.port} of {WEB}, which another program holds.")


def _nothing() -> None:
    """Stop what has nothing to stop."""


def _always() -> bool:
    """Say that a step which was done stays done."""
    return True


def _spaced(code: str) -> str:
    return f"{code[:3]} {code[3:]}"


def print_mail(mail: Mail) -> None:
    """Show a mail as it comes in."""
    words = "\n".join(f"  │ {line}" for line in mail.text.strip().splitlines())
    print(f"\n  ┌ mail to {', '.join(mail.to)}: {mail.subject}\n{words}\n  └", flush=True)
