"""Measures the memory of programs."""

import subprocess
from pathlib import Path

KILOBYTE = 1024


def largest_resident(process: subprocess.Popen[bytes] | None) -> int:
    """Return the resident bytes of the largest process among a process and its descendants."""
    if process is None:
        raise ValueError("the process does not run")
    return max(_resident(pid) for pid in _tree(process.pid))


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [each for child in children for each in _tree(int(child))]


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * KILOBYTE
