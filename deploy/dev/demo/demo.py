"""The demo: a throw-away forest, Redis, a mail server, a writeback worker and the portal, in this order."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from deploy.dev.demo.mailbox import Mail, Mailbox
from deploy.dev.demo.place import MAIL_PORT, REDIS_PORT, Place
from deploy.dev.demo.product import Admin, Product
from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.registering import Registered, register
from deploy.dev.demo.supervisor import Part, run
from deploy.dev.lab import Lab
from deploy.dev.lab.__main__ import table
from deploy.dev.lab.certificates import write_secret
from deploy.dev.processes import SetupError


class Demo:
    """All parts of the demo at their addresses; they write below `home`."""

    def __init__(self, home: Path, place: Place) -> None:
        """Describe the demo; `run` starts it."""
        self.home = home.resolve()
        self.place = place
        self.lab = Lab(self.home / "lab", place.directory)
        self.mailbox = Mailbox(
            address=place.mail, port=MAIL_PORT, outbox=self.home / "outbox", arrived=self._show
        )
        self._redis: RedisServer | None = None
        self._lock: TextIO | None = None
        self._product: Product | None = None
        self._apps: dict[str, Registered] = {}
        self._admin: Admin | None = None
        self._codes = ""
        self._told = False

    def run(self) -> int:
        """Run the demo until it is stopped; return the exit code."""
        self._take_home()
        self.place.write(self.home)
        return run(self.parts(), started=self._tell, tick=self._tell_codes)

    def parts(self) -> Iterator[Part]:
        """Yield the parts in the order of their start; each needs the ones before it."""
        yield Part("the forest CORP.EXAMPLE", self.lab.start, self.lab.stop, self.lab.alive)
        yield Part("Redis", self.redis.start, self.redis.stop, self.redis.alive)
        yield Part("the mail server", self.mailbox.start, self.mailbox.stop, self.mailbox.alive)
        yield Part("the portal's database and the pairing", self._prepare, _nothing, _always)
        yield Part.of(self.product.worker)
        yield Part.of(self.product.portal)
        yield Part.of(self.product.tick)
        yield Part("the ways of alice and frank to prove it's them", self._register, _nothing, _always)

    @property
    def redis(self) -> RedisServer:
        """The demo's post box; only available once the forest is up, which signs its certificate."""
        if self._redis is None:
            self._redis = RedisServer(
                self.home / "redis",
                authority=self.lab.authority,
                address=self.place.redis,
                port=REDIS_PORT,
            )
        return self._redis

    @property
    def product(self) -> Product:
        """The portal and the worker; only available when the forest is up."""
        if self._product is None:
            self._product = Product(
                self.home, lab=self.lab, redis=self.redis, mailbox=self.mailbox, port=self.place.port
            )
        return self._product

    def _prepare(self) -> None:
        self.product.prepare()
        self._admin = self.product.make_admin()

    def _register(self) -> None:
        """Register alice and frank through the portal's own pages, then lock frank."""
        self.product.wait_until_open()
        frank = self.lab.people["frank"]
        self.lab.set_unlocked(frank)
        for person in (self.lab.people["alice"], frank):
            self._apps[person.name] = register(self.product.base, person, self.mailbox)
            write_secret(self.home / f"{person.name}.seed", self._apps[person.name].app.seed.encode())
        self.lab.set_locked(frank)

    def _tell(self) -> None:
        print(f"\n{table(self.lab)}")
        for name, registered in self._apps.items():
            print(f"\nBackup codes of {name}: {', '.join(registered.backup_codes[:3])}, …")
        if self._admin:
            print(f"\n/admin/ of the portal: user name {self._admin.name}, password {self._admin.password}")
        print(f"\nMails are shown here and kept in {self.home / 'outbox'}.")
        if not self.place.is_usual:
            print(f"\nThis demo has port {self.place.port} and the network {self.place.network}: ", end="")
            print("the usual ones are taken, or others were asked for.")
        print(f"\nKeyback runs on {self.product.base}. Ctrl-C ends it.\n", flush=True)
        self._told = True

    def _show(self, mail: Mail) -> None:
        """Show an incoming mail, except those that alice and frank get while they register."""
        if self._told:
            print_mail(mail)

    def _tell_codes(self) -> None:
        """Show the codes of everybody's authenticator app whenever they change."""
        apps = {name: registered.app for name, registered in self._apps.items()}
        if self._admin:
            apps[self._admin.name] = self._admin.app
        codes = " · ".join(f"{name} {_format_code(app.code())}" for name, app in apps.items())
        if codes != self._codes:
            self._codes = codes
            print(f"  authenticator apps: {codes}", flush=True)

    def _take_home(self) -> None:
        """Hold the folder as long as this process lives, and empty it: each demo starts fresh."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._lock = (self.home / "demo.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SetupError(f"Another demo runs in {self.home}; stop it first.") from None
        for old in self.home.iterdir():
            if old.name != "demo.lock":
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def _nothing() -> None:
    """Do nothing, for a part that has nothing to stop."""


def _always() -> bool:
    """Return True, for a part that can't end."""
    return True


def _format_code(code: str) -> str:
    return f"{code[:3]} {code[3:]}"


def print_mail(mail: Mail) -> None:
    """Show an incoming mail."""
    words = "\n".join(f"  │ {line}" for line in mail.text.strip().splitlines())
    print(f"\n  ┌ mail to {', '.join(mail.to)}: {mail.subject}\n{words}\n  └", flush=True)
