"""The product itself: a portal and a writeback worker, paired, around a forest, a Redis and a mail server."""

import http.client
import secrets
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

from deploy.dev.demo.configuration import DEMO_LIMITS, WORKER, WorkerFiles, portal_environment
from deploy.dev.demo.mailbox import Mailbox
from deploy.dev.demo.pairing import manage, pair
from deploy.dev.demo.place import WEB
from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.registering import App
from deploy.dev.demo.supervisor import Child
from deploy.dev.lab import Lab
from deploy.dev.lab.cast import new_password
from deploy.dev.lab.certificates import write_secret
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import SetupError, free_port, wait_until

GUNICORN = (
    *("--worker-class", "gthread", "--workers", "1", "--threads", "32"),
    "--no-control-socket",
)
TICK = (sys.executable, "-u", "manage.py", "tick", "--loop")


@dataclass(frozen=True)
class Admin:
    """The local superuser."""

    name: str
    password: str = field(repr=False)
    app: App


class Product:
    """Portal and worker, with everything that they write below `home`.

    `limits` is the end of the worker's TOML; `environment` is added to the portal's; `state` is the address
    of a PostgreSQL database for the worker's state, which is a SQLite file without it; `others` are further
    forests that the worker serves.
    """

    def __init__(
        self,
        home: Path,
        *,
        lab: Lab,
        redis: RedisServer,
        mailbox: Mailbox,
        port: int | None = None,
        limits: str = DEMO_LIMITS,
        environment: dict[str, str] | None = None,
        state: str = "",
        others: tuple[Lab, ...] = (),
    ) -> None:
        """Describe the product; `prepare` writes the first file."""
        self.home = home.resolve()
        self.port = port or free_port(WEB)
        self.base = f"http://localhost:{self.port}"
        self.redis = redis
        self.files = WorkerFiles(self.home / "worker", lab, redis, mailbox, state=state, others=others)
        self.configuration = self.files.home / "writeback.toml"
        self._limits = limits
        self._more = environment or {}
        self.worker = Child(
            "the writeback worker",
            worker_command(self.configuration),
            log=self.home / "worker.log",
            ready=self._worker_beats,
            cwd=REPOSITORY,
        )
        self.portal = Child(
            "the portal",
            portal_command(self.port),
            log=self.home / "portal.log",
            ready=self._portal_answers,
            cwd=REPOSITORY,
        )
        self.tick = Child(
            "the portal's background work",
            TICK,
            log=self.home / "tick.log",
            ready=self._has_ticked,
            cwd=REPOSITORY,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment that the portal's settings read."""
        made = portal_environment(self.home / "portal", redis=self.redis)
        return made | self._more

    @property
    def database(self) -> Path:
        """The portal's SQLite file."""
        return self.home / "portal" / "portal.sqlite3"

    def prepare(self) -> None:
        """Make the database and the files of both sides, and pair them."""
        self.files.write(more=self._limits)
        self.portal.env = self.tick.env = self.environment
        manage(self.environment, "migrate", "--verbosity", "0")
        manage(self.environment, "collectstatic", "--no-input", "--verbosity", "0")
        pair(self.configuration, self.environment)
        self._write_command()

    def make_admin(self, name: str = "admin") -> Admin:
        """Make the local superuser of /admin/, as its command does."""
        password, seed = new_password() + "-" + new_password(), secrets.token_bytes(20)
        write_secret(self.home / "admin.password", password.encode())
        write_secret(self.home / "admin.seed", seed.hex().encode())
        files = (
            "--password-file",
            str(self.home / "admin.password"),
            "--seed-file",
            str(self.home / "admin.seed"),
        )
        manage(self.environment, "create_admin", name, *files)
        return Admin(name, password, App.of(seed))

    def start(self) -> None:
        """Prepare everything, and start the worker and the portal."""
        self.prepare()
        self.worker.start()
        self.portal.start()
        self.wait_until_open()

    def wait_until_open(self) -> None:
        """Wait until people can be served: on a busy machine a worker may find its directory late."""
        if not wait_until(self._serves, seconds=45):
            raise SetupError(f"The portal finds no worker that reaches the directory; see {self.worker.log}.")

    def stop(self) -> None:
        """Stop both."""
        self.portal.stop()
        self.worker.stop()

    def _write_command(self) -> None:
        """Write `keyback-manage`, which runs manage.py with the settings of this portal."""
        settings = [f"{name}={value}" for name, value in self.environment.items()]
        command = shlex.join(["env", "-i", *settings, sys.executable, str(REPOSITORY / "manage.py")])
        path = self.home / "keyback-manage"
        write_secret(path, f'#!/bin/sh\nexec {command} "$@"\n'.encode())
        path.chmod(0o700)

    def _worker_beats(self) -> bool:
        with self.redis.client(self.redis.portal) as client:
            return client.get(f"hb:{self.redis.site}:{WORKER}") is not None

    def _serves(self) -> bool:
        return self._status("/reset/") == http.client.OK

    def _portal_answers(self) -> bool:
        return self._status("/") < http.client.INTERNAL_SERVER_ERROR

    def _has_ticked(self) -> bool:
        return self.tick.log.exists() and " site " in self.tick.log.read_text()

    def _status(self, path: str) -> int:
        connection = http.client.HTTPConnection(WEB, self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except OSError:
            return http.client.SERVICE_UNAVAILABLE
        finally:
            connection.close()


def worker_command(configuration: Path) -> list[str]:
    """Return the command of the writeback worker."""
    return [sys.executable, "-m", "writeback.worker", "--config", str(configuration)]


def portal_command(port: int) -> list[str]:
    """Return the command of the portal's web server: one process with many threads."""
    return [sys.executable, "-m", "gunicorn", "portal.wsgi:application", "--bind", f"{WEB}:{port}", *GUNICORN]
