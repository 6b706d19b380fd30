"""Child processes that cannot outlive the program that started them."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

POLL = 0.05
ENDINGS = (signal.SIGINT, signal.SIGTERM)


class SetupError(Exception):
    """The setup is wrong: one sentence for the user about what to change."""


def hear_endings() -> dict[signal.Signals, Any]:
    """Make Ctrl-C and SIGTERM raise KeyboardInterrupt; return the previous handlers.

    Python leaves SIGINT alone if it is inherited as ignored, as in everything that a script starts in the
    background. Such a program could only be killed, and could not stop its children.
    """
    return {number: signal.signal(number, signal.default_int_handler) for number in ENDINGS}


def bind_to_parent(argv: Sequence[str]) -> list[str]:
    """Return a command that runs `argv`, which the kernel kills when the starting thread ends in any way."""
    return ["setpriv", "--pdeathsig", "KILL", *argv]


def spawn(
    argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start `argv` in its own session with its output in `log`; it dies with the caller."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            bind_to_parent(argv),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes], *, grace: float = 10.0) -> None:
    """Ask a child to end, kill it when it takes longer than `grace` seconds, and wait until it is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def kill(pid: int) -> None:
    """Kill a process that may already be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], *, seconds: float) -> bool:
    """Poll `ready` until it returns True; return whether it did in time."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def port_is_free(address: str, port: int) -> bool:
    """Tell whether a program could listen on this TCP port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def hold_name(name: str) -> socket.socket | None:
    """Take a name that only one process of this machine can have; None if another one has it.

    The name is not a file: it is free again when the socket is closed or this process ends in any way.
    """
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind(f"\0{name}")
    except OSError:
        held.close()
        return None
    return held


def answers(address: str, port: int) -> bool:
    """Tell whether something accepts TCP connections there."""
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port(address: str = "127.0.0.1") -> int:
    """Return a TCP port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
    return port


def last_words(log: Path, lines: int = 15) -> str:
    """Return the end of a log file, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def port_of(text: str) -> int:
    """Return the typed port.

    Raises:
        SetupError: the text is not a port.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SetupError(f"PORT must be a number from 1 to 65535, not {text!r}.")
