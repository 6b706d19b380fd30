"""The demo: a throw-away forest, Redis, a mail server, a writeback worker and the portal, in this order."""

import fcntl
import http.client
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from deploy.demo.configuration import DEMO_LIMITS, WORKER, WorkerFiles, portal_environment
from deploy.demo.mailbox import Mail, Mailbox
from deploy.demo.pairing import manage, pair
from deploy.demo.redis import RedisServer
from deploy.demo.registering import Registered, register
from deploy.demo.supervisor import Child, Part, run
from deploy.lab import Lab
from deploy.lab.__main__ import table
from deploy.lab.certificates import write_secret
from deploy.lab.root import REPOSITORY
from deploy.processes import SetupError, port_is_free, wait_until

WEB = "127.0.0.1"


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
        self._alice: Registered | None = None
        self._code = ""

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
        yield Part("the portal's database and the pairing", self._pair, _nothing, _always)
        yield Part.of(self.worker())
        yield Part.of(self.portal())
        yield Part("alice's ways to prove it's her", self._register_alice, _nothing, _always)

    @property
    def redis(self) -> RedisServer:
        """The demo's post box; to be asked for only when the forest is up, whose authority signs for it."""
        if self._redis is None:
            self._redis = RedisServer(
                self.home / "redis", authority=self.lab.authority, address=self._redis_address, port=6379
            )
        return self._redis

    def worker(self) -> Child:
        """Return the writeback worker, ready with its first heartbeat; it must be paired before."""
        return Child(
            "the writeback worker",
            worker_command(self._configuration),
            log=self.home / "worker.log",
            ready=self._worker_beats,
            cwd=REPOSITORY,
        )

    def portal(self) -> Child:
        """Return the portal's web server, ready when it answers; its database must be there before."""
        return Child(
            "the portal",
            portal_command(self.port),
            log=self.home / "portal.log",
            ready=self._portal_answers,
            env=self._environment,
            cwd=REPOSITORY,
        )

    @property
    def _configuration(self) -> Path:
        return self.home / "worker" / "writeback.toml"

    @property
    def _environment(self) -> dict[str, str]:
        return portal_environment(self.home / "portal", lab=self.lab, redis=self.redis, port=self.port)

    def _pair(self) -> None:
        """Make the database and the files of both sides, and let them know each other."""
        WorkerFiles(self.home / "worker", self.lab, self.redis, self.mailbox).write(more=DEMO_LIMITS)
        environment = self._environment
        manage(environment, "migrate", "--verbosity", "0")
        manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        pair(self._configuration, environment)

    def _register_alice(self) -> None:
        """Let alice register through the portal's own pages."""
        self._alice = register(f"http://localhost:{self.port}", self.lab.people["alice"], self.mailbox)
        write_secret(self.home / "alice.seed", self._alice.app.seed.encode())

    def _worker_beats(self) -> bool:
        with self.redis.client(self.redis.portal) as client:
            return client.get(f"hb:{self.redis.site}:{WORKER}") is not None

    def _portal_answers(self) -> bool:
        connection = http.client.HTTPConnection(WEB, self.port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except OSError:
            return False
        finally:
            connection.close()

    def _tell(self) -> None:
        print(f"\n{table(self.lab)}\n\nMails are shown here and kept in {self.home / 'outbox'}.")
        print(f"\nKeyback runs on http://localhost:{self.port} – Ctrl-C ends it.\n", flush=True)

    def _tell_code(self) -> None:
        """Show alice's code whenever her app shows a new one."""
        code = self._alice.app.code() if self._alice else ""
        if code != self._code:
            self._code = code
            print(f"  alice's app shows {code[:3]} {code[3:]}", flush=True)

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


def worker_command(configuration: Path) -> list[str]:
    """Return the command of the writeback worker."""
    return [sys.executable, "-m", "writeback.worker", "--config", str(configuration)]


def portal_command(port: int) -> list[str]:
    """Return the command of the portal's web server."""
    server = [sys.executable, "-m", "gunicorn", "portal.wsgi:application", "--bind", f"{WEB}:{port}"]
    return [
        *server,
        "--worker-class",
        "gthread",
        "--workers",
        "2",
        "--threads",
        "16",
        "--access-logfile",
        "-",
    ]


def print_mail(mail: Mail) -> None:
    """Show a mail as it comes in."""
    words = "\n".join(f"  │ {line}" for line in mail.text.strip().splitlines())
    print(f"\n  ┌ mail to {', '.join(mail.to)}: {mail.subject}\n{words}\n  └", flush=True)
