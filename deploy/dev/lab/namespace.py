"""Runs commands in their own mount and process namespaces: when they end, nothing is left on the host.

They share the host's network, so that a server on 127.x inside can be reached from outside.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.dev.processes import SetupError, bind_to_parent, kill, spawn

ENTER = Path(__file__).with_name("enter.sh")
PLACE = Path("/mnt")
"""The path at which a command inside finds the folder that it may write to."""


class LabError(Exception):
    """A failure in the lab: one sentence, with the end of the program's log if there is one."""


def need_namespaces() -> None:
    """Raise SetupError if this machine or user can't run the lab."""
    if os.geteuid() != 0:
        raise SetupError("The lab runs a domain controller in its own namespaces and needs root for that.")
    if not Path("/etc/debian_version").exists():
        raise SetupError("The lab takes its Samba from Debian's packages, and this machine is not a Debian.")
    if subprocess.run(isolate(["true"]), capture_output=True, check=False).returncode:
        raise SetupError(
            "The lab needs mount and process namespaces, which root may not make on this machine."
        )


def isolate(argv: Sequence[str]) -> list[str]:
    """Return a command that runs `argv` as the first process of namespaces that die with it."""
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", *argv]


def inside(root: Path, place: Path, argv: Sequence[str]) -> list[str]:
    """Return a command that runs `argv` in `root`, where it can only write to `place`, mounted at `PLACE`."""
    return isolate(["sh", str(ENTER), str(root), str(place), *argv])


def run(root: Path, place: Path, argv: Sequence[str], *, words: str = "") -> str:
    """Run a command inside to its end and return its output."""
    done = subprocess.run(
        bind_to_parent(inside(root, place, argv)), input=words, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise LabError(f"`{' '.join(argv[:3])}` failed in the lab:\n{told}")
    return done.stdout


def start(root: Path, place: Path, argv: Sequence[str], *, log: Path) -> subprocess.Popen[bytes]:
    """Start a command inside; it runs until `stop`, or until the calling thread ends."""
    return spawn(inside(root, place, argv), log=log)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill everything inside and return when the last process and mount are gone.

    `unshare` reaps the first process of the namespace only after the kernel has ended all the others.
    """
    if process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in children or [str(process.pid)]:
            kill(int(pid))
    process.wait()
