"""A file in the worker's memory-backed folder that shows the doctor, who can't read heartbeats, how it is."""

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
"""Seconds without a sign of life after which a worker counts as hanging; it writes one every 30 seconds."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """What a worker says about itself.

    Args:
        pid: its process id.
        seen: Unix time of its last sign of life.
        beat: Unix time of the last heartbeat that Redis accepted; 0 for none.
        trouble: why the last heartbeat was not accepted; empty if it was.
        ceiling: hash, in hex, of the ceiling that it has loaded.
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
    """Writes the file; a full disk does not stop the worker.

    Args:
        folder: [site] run.
        ceiling: hash of the ceiling that the worker has loaded.
        now: returns Unix time.
    """

    def __init__(self, folder: Path, ceiling: bytes, now: Callable[[], float] = time.time) -> None:
        self._path, self._now = _path(folder), now
        self._life = Life(pid=os.getpid(), seen=now(), ceiling=ceiling.hex())
        self._lock, self._ended = Lock(), False

    def show(self) -> None:
        """Say that the worker is alive."""
        self._write()

    def note_beats(self, publish: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Wrap `publish` so that it also notes the result of each heartbeat, except an empty one."""

        def publish_and_note(beat: bytes) -> None:
            now = self._now()
            try:
                publish(beat)
            except OSError as error:
                self._write(trouble=str(error))
                raise
            self._write(beat=now if beat else 0, trouble="")

        return publish_and_note

    def end(self) -> None:
        """Remove the file for good: the worker stops in order."""
        with self._lock, suppress(OSError):
            self._ended = True
            self._path.unlink(missing_ok=True)

    def _write(self, **changed: Any) -> None:
        """Write the known values with these changes; heartbeat and chores call this from their threads."""
        fresh = self._path.with_suffix(".new")
        with self._lock, suppress(OSError):
            if self._ended:
                return
            life = self._life = replace(self._life, seen=self._now(), **changed)
            fresh.write_text(json.dumps(asdict(life)), encoding="utf-8")
            fresh.replace(self._path)


def last_sign(folder: Path) -> Life | None:
    """Return the last sign of life in a folder; None if no worker runs there.

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
