"""Starts the parts of the demo in order, watches them, and stops them in the opposite order."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from deploy.dev.processes import ENDINGS, SetupError, end, hear_endings, last_words, spawn, wait_until

LOOK_EVERY = 0.5


@dataclass
class Child:
    """A program that counts as started when `ready` returns True, and that can't outlive its supervisor.

    It dies with the thread that starts it, so start it from a thread that stays.
    """

    name: str
    argv: Sequence[str]
    log: Path
    ready: Callable[[], bool]
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    ready_seconds: float = 30.0
    grace: float = 10.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Start it and return when it is ready; if it fails, the error has the end of its log."""
        self.process = spawn(self.argv, log=self.log, env=self.env, cwd=self.cwd)
        wait_until(lambda: not self.alive() or self.ready(), seconds=self.ready_seconds)
        if not self.alive() or not self.ready():
            self.stop()
            raise SetupError(f"{self.name} did not start; {self.log} ends with:\n{last_words(self.log)}")

    def stop(self) -> None:
        """Stop it, and kill it if that takes too long; do nothing if it does not run."""
        if self.process:
            end(self.process, grace=self.grace)
            self.process = None

    def kill(self) -> None:
        """Kill it, like a crash."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def alive(self) -> bool:
        """Tell whether the program runs."""
        return self.process is not None and self.process.poll() is None


@dataclass(frozen=True)
class Part:
    """Something that the supervisor starts, watches and stops."""

    name: str
    start: Callable[[], None]
    stop: Callable[[], None]
    alive: Callable[[], bool]

    @classmethod
    def of(cls, child: Child) -> "Part":
        """Return a child as a part."""
        return cls(child.name, child.start, child.stop, child.alive)


def run(parts: Iterable[Part], *, started: Callable[[], None], tick: Callable[[], None] | None = None) -> int:
    """Run the parts until Ctrl-C, SIGTERM or the end of one of them; return the exit code.

    `parts` gives the next one only after the one before is up, so that later parts can depend on earlier
    ones. `started` is called when all are up, then `tick` every half second.
    """
    before = hear_endings()
    running: list[Part] = []
    with ExitStack() as undo:
        for number, handler in before.items():
            undo.callback(signal.signal, number, handler)
        try:
            for part in parts:
                print(f"… {part.name}", flush=True)
                undo.callback(part.stop)
                part.start()
                running.append(part)
            started()
            ended = _watch(running, tick)
        except KeyboardInterrupt:
            ended = None
            print("\nStopping.", flush=True)
        finally:
            _be_deaf()
    if ended:
        print(f"{ended} ended by itself, so everything was stopped.", file=sys.stderr)
    return 1 if ended else 0


def _watch(parts: Sequence[Part], tick: Callable[[], None] | None) -> str | None:
    """Return the name of the first part that ends."""
    while True:
        for part in parts:
            if not part.alive():
                return part.name
        if tick:
            tick()
        time.sleep(LOOK_EVERY)


def _be_deaf() -> None:
    """Ignore signals while the parts are stopped."""

    def hear_nothing(_number: int, _frame: FrameType | None) -> None:
        """Ignore the signal; unlike SIG_IGN this is not inherited by children."""

    for number in ENDINGS:
        signal.signal(number, hear_nothing)
