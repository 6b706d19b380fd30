"""A file in the worker's memory-backed folder that tells the doctor, who can't read heartbeats, how it is."""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

SILENT = 120
"""Seconds without a sign after which a worker counts as hanging: chores are done every 30."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a worker says of itself.

    Args:
        pid: of its process.
        seen: Unix time of its last sign.
        beat: Unix time of the last heartbeat that Redis took; 0 for none.
        trouble: why the last one was not taken; empty if it was.
        ceiling: hash, in hex, of the rules that it has read.
    """

    pid: int
    seen: float
    beat: float = 0
    trouble: str = ""
    ceiling: str = ""

    def is_over(self, now: float) -> bool:
        """Tell whether its process is gone, or has been silent for too long."""
        return not Path(f"/proc/{self.pid}").exists() or now - self.seen > SILENT


class SignOfLife:
    """Writes the file; a disk that takes nothing is no reason for a worker to end.

    Args:
        folder: [site] run.
        ceiling: hash of the rules that the worker has read.
        now: Unix time.
    """

    def __init__(self, folder: Path, ceiling: bytes, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = _path(folder), now
        self._life = Life(pid=os.getpid(), seen=now(), ceiling=ceiling.hex())
        self._lock, self._ended = Lock(), False

    def show(self) -> None:
        """Say that the worker lives."""
        self._write()

    def beats(self, publish: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Return what publishes a heartbeat and keeps how that went; an empty one is not kept."""

        def kept(beat: bytes) -> None:
            now = self._now()
            try:
                publish(beat)
            except OSError as error:
                self._write(trouble=str(error))
                raise
            self._write(beat=now if beat else 0, trouble="")

        return kept

    def end(self) -> None:
        """Take it back for good: the worker stops in order."""
        with self._lock, suppress(OSError):
            self._ended = True
            self._path.unlink(missing_ok=True)

    def _write(self, **changed: Any) -> None:
        """Write what is known with these changes; heartbeat and chores do so in threads of their own."""
        fresh = self._path.with_suffix(".new")
        with self._lock, suppress(OSError):
            if self._ended:
                return
            life = self._life = replace(self._life, seen=self._now(), **changed)
            fresh.write_text(json.dumps(asdict(life)), encoding="utf-8")
            fresh.replace(self._path)


def last_sign(folder: Path) -> Life | None:
    """Return what the worker of a folder has said last; None if nothing runs there.

    Raises:
        OSError: the file can't be read.
    """
    try:
        return Life(**json.loads(_path(folder).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError):
        return Life(pid=0, seen=0, trouble="its file can't be read")


def _path(folder: Path) -> Path:
    return folder / "worker.life"
