"""Commands in mount and process namespaces of their own: when they end, nothing of them is left on the host.

They share the host's network, so that what listens on 127.x inside can be reached from outside.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.dev.processes import SetupError, bound_to_parent, kill, spawn

ENTER = Path(__file__).with_name("enter.sh")
PLACE = Path("/mnt")
"""Where a command inside finds the folder that it may write to."""


class LabError(Exception):
    """What went wrong in the lab, in one sentence, with the program's own last words where there are any."""


def need_namespaces() -> None:
    """Say in one sentence when this machine or user cannot run the lab."""
    if os.geteuid() != 0:
        raise SetupError("The lab runs a domain controller in namespaces of its own and needs root for that.")
    if not Path("/etc/debian_version").exists():
        raise SetupError("The lab takes its Samba from Debian's packages, and this machine is not a Debian.")
    if subprocess.run(isolated(["true"]), capture_output=True, check=False).returncode:
        raise SetupError(
            "The lab needs mount and process namespaces, which root may not make on this machine."
        )


def isolated(argv: Sequence[str]) -> list[str]:
    """Return `argv` so that it runs as the first process of namespaces that die with it."""
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", *argv]


def inside(root: Path, place: Path, argv: Sequence[str]) -> list[str]:
    """Return `argv` so that it runs in `root`, where it can write to the folder `place` only, at `PLACE`."""
    return isolated(["sh", str(ENTER), str(root), str(place), *argv])


def run(root: Path, place: Path, argv: Sequence[str], *, words: str = "") -> str:
    """Run a command inside to its end and return what it printed."""
    done = subprocess.run(
        bound_to_parent(inside(root, place, argv)), input=words, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise LabError(f"`{' '.join(argv[:3])}` failed in the lab:\n{told}")
    return done.stdout


def start(root: Path, place: Path, argv: Sequence[str], *, log: Path) -> subprocess.Popen[bytes]:
    """Start a command inside that goes on until `stop`, or until the thread that called this ends."""
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
