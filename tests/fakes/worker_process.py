"""A real worker's process: its queue and its heartbeat in Redis, its audit, and where it is held."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from deploy.dev.demo.redis import RedisServer
from deploy.dev.demo.supervisor import Child
from deploy.dev.lab.root import REPOSITORY
from deploy.dev.processes import wait_until
from portal.dispatch.liveness import FRESH
from tests.fakes.redis_server import FakeRedis
from writeback.assembly import open_vault
from writeback.config import load
from writeback.envelope import post
from writeback.envelope.answers import DirectoryState, Outcome
from writeback.envelope.errors import EnvelopeError
from writeback.envelope.heartbeats import Heartbeat, read_heartbeat
from writeback.vault import Vault


class WorkerProcess:
    """A worker of the site `main`, run by `tests.fakes.worker_program`.

    Args:
        home: the folder of its files; writeback.toml is there when it starts.
        server: its Redis.
        name: of the worker.
        controls: the folder by whose files it is controlled, which exists.
        arguments: further ones of the program.
    """

    def __init__(
        self,
        home: Path,
        server: RedisServer | FakeRedis,
        *arguments: str,
        name: str = "w1",
        controls: Path,
    ) -> None:
        self.home, self.server, self.name, self.controls = home, server, name, controls
        self.configuration = home / "writeback.toml"
        self.attacker: Any = server.client()
        program = [sys.executable, "-m", "tests.fakes.worker_program"]
        self.child = Child(
            f"worker {name}",
            [*program, str(self.configuration), str(controls), *arguments],
            log=home / "worker.log",
            ready=self.beats,
            cwd=REPOSITORY,
        )

    @cached_property
    def vault(self) -> Vault:
        """Its keys."""
        return open_vault(load(self.configuration))

    def start(self) -> None:
        """Start it, and wait for a heartbeat of its own."""
        self.forget_heartbeat()
        self.child.start()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self.child.stop()
        self.attacker.close()

    def kill(self) -> None:
        """`kill -9`."""
        self.child.kill()

    def vanish(self) -> None:
        """`kill -9`, and wait until the portal no longer believes its last heartbeat."""
        self.kill()
        self.forget_heartbeat()
        time.sleep(FRESH)  # for so long the portal believes what it has read

    def forget_heartbeat(self) -> None:
        """Do what Redis does with a heartbeat that nobody has renewed for 150 seconds."""
        self.attacker.delete(post.heartbeat_key("main", self.name))

    def beat(self) -> Heartbeat:
        """Return its newest heartbeat.

        Raises:
            EnvelopeError: there is none.
        """
        blob = self.attacker.get(post.heartbeat_key("main", self.name))
        return read_heartbeat(blob or b"", self.vault.identity().public)

    def beats(self) -> bool:
        """Tell whether there is a heartbeat of it."""
        try:
            self.beat()
        except EnvelopeError:
            return False
        return True

    def wait_for_beat(self, holds: Callable[[Heartbeat], bool], *, seconds: float = 15) -> Heartbeat:
        """Wait for a heartbeat for which `holds` is true, and return it."""
        found: list[Heartbeat] = []

        def is_there() -> bool:
            with suppress(EnvelopeError):
                found[:] = filter(holds, [self.beat()])
            return bool(found)

        assert wait_until(is_there, seconds=seconds)
        return found[0]

    def wait_for_directory(self, state: DirectoryState) -> None:
        """Wait until it reports this state of its directory."""
        self.wait_for_beat(lambda beat: beat.directories[0].state is state)

    def queued(self) -> list[bytes]:
        """Return what lies in its queue, as whoever holds Redis can."""
        return list(self.attacker.lrange(post.queue_key(self.name), 0, -1))

    def empty_queue(self) -> None:
        """Delete its queue, as whoever holds Redis can."""
        self.attacker.delete(post.queue_key(self.name))

    def push(self, *elements: bytes) -> None:
        """Put elements into its queue, as whoever holds Redis can."""
        self.attacker.lpush(post.queue_key(self.name), *elements)

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

    def set_clock(self, ahead: float) -> None:
        """Set its clock so many seconds ahead of everybody else's."""
        (self.controls / "clock").write_text(str(ahead))

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the facts of the events of that name in its audit."""
        lines = map(json.loads, (self.home / "audit.jsonl").read_text().splitlines())
        return [line["facts"] for line in lines if line.get("event") == name]

    def wait_for_event(self, name: str) -> bool:
        """Wait until its audit has an event of that name; say whether it does."""
        return wait_until(lambda: bool(self.events(name)), seconds=10)

    def refused(self, outcome: Outcome) -> int:
        """Return how many jobs it has refused with this outcome; copies of a job count as REFUSED."""
        return sum(facts["outcome"] == outcome.value for facts in self.events("job.refused"))

    def wait_for_refused(self, outcome: Outcome, many: int) -> bool:
        """Wait until it has refused that many jobs with this outcome; say whether it did."""
        return wait_until(lambda: self.refused(outcome) >= many, seconds=15)

    def command(self, *words: str, check: bool = True) -> str:
        """Run one of the worker's commands on its host, and return what it prints."""
        argv = [sys.executable, "-m", "writeback.cli.main", *words, "--config", str(self.configuration)]
        return subprocess.run(argv, cwd=REPOSITORY, check=check, capture_output=True, text=True).stdout

    def prekeys(self) -> set[str]:
        """Return the names of the prekeys that it has."""
        return {path.stem.rpartition("-")[2] for path in self.vault.run.glob("prekey-*.key")}

    def roll_prekey(self, *, age: int) -> None:
        """Make its prekeys so many seconds older, and wait for the heartbeat with the next one."""
        before = self.beat()
        for path in self.vault.run.glob("prekey-*.key"):
            kind, born, name = path.name.split("-")
            path.rename(path.with_name(f"{kind}-{int(born) - age}-{name}"))
        self.wait_for_beat(lambda beat: beat.prekey != before.prekey)
