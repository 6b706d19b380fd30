"""A file system with a Samba new enough for the lab: the host's own, or one built once and cached."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.dev.lab.namespace import isolate, need_namespaces
from deploy.dev.processes import SetupError, bind_to_parent

NEEDED_SAMBA = (4, 24)
HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]


def cache_folder() -> Path:
    """Return the folder for things that are expensive to make; KEYBACK_CACHE moves it."""
    folder = Path(os.environ.get("KEYBACK_CACHE") or REPOSITORY / "var" / "cache").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def alone(name: str) -> Iterator[Path]:
    """Let one process at a time build `name` in the cache; the others wait until it is built."""
    target = cache_folder() / name
    with target.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield target


def root_folder() -> Path:
    """Return the root to run Samba in; build it if the host's Samba is too old."""
    need_namespaces()
    if _host_samba() >= NEEDED_SAMBA:
        return Path("/")
    with alone("lab-root") as target:
        if not target.exists():
            _build(target)
    return target


def _host_samba() -> tuple[int, ...]:
    if not shutil.which("samba") or not shutil.which("samba-tool") or not shutil.which("ldbmodify"):
        return (0,)
    told = subprocess.run(["samba", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Version (\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0,)


def _build(target: Path) -> None:
    """Build beside the target and rename at the end, so that a half-built root is never used."""
    if not shutil.which("debootstrap"):
        raise SetupError("The lab needs debootstrap to make its Samba; `make setup` installs it.")
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    log = target.with_name(f"{target.name}.log")
    script = ["sh", str(HERE / "root.sh"), str(partial), *_mirror()]
    with log.open("wb") as sink:
        done = subprocess.run(
            bind_to_parent(isolate(script)),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env=_environment(),
            check=False,
        )
    if done.returncode:
        shutil.rmtree(partial, ignore_errors=True)
        raise SetupError(f"Debian 13 with its Samba could not be installed for the lab; {log} says why.")
    partial.rename(target)


def _mirror() -> list[str]:
    """Return the Debian mirror that this host's apt uses; empty means debootstrap's default."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    for line in told.splitlines():
        origin, label, address = line.split("|", 2)
        if origin == label == "Debian" and address.startswith(("http://", "https://")):
            return [address]
    return []


def _environment() -> dict[str, str]:
    """Return the environment with apt's proxy, for programs that do not read apt's configuration."""
    environment = dict(os.environ)
    told = subprocess.run(
        ["apt-config", "shell", "proxy", "Acquire::http::Proxy"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"proxy='(http[^']+)'", told)
    if found:
        environment.setdefault("http_proxy", found[1])
    return environment
