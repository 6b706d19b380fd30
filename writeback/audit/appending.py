"""Appends to the audit: from any thread of any process of this host, and on after a crash."""

import errno
import fcntl
import hashlib
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from writeback.audit import chain
from writeback.audit.chain import BadLineError, Checkpoint, Fact

ROTATE_AT = 64 * 1024 * 1024
_LONGEST_LINE = 64 * 1024
_LONGEST_FACT = 2000
_BACKLOG = 10_000
_LOOK_AGAIN = 0.002
"""Seconds until a retry on a file that another process holds."""

_log = logging.getLogger(__name__)


class AuditFile:
    """The port Audit on a file; when `record` returns, the line is on disk or waits for room there.

    A full disk neither stops the worker nor loses events: they stay in memory and are written as soon as
    possible, and until then `is_up` returns False.

    Args:
        path: the current file; older ones lie beside it as NAME.<first number>.
        now: returns Unix time in seconds.
        rotate_at: size in bytes at which a new file begins.
        patience: seconds to wait for another process that holds the file; then recording fails for now.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float] = time.time,
        rotate_at: int = ROTATE_AT,
        patience: float = 5.0,
    ) -> None:
        self._path, self._now, self._rotate_at, self._patience = path, now, rotate_at, patience
        self._lock = threading.Lock()
        self._backlog: deque[tuple[str, str, dict[str, Fact], str]] = deque(maxlen=_BACKLOG)
        self._seq, self._prev, self._size, self._inode = 0, chain.GENESIS, -1, -1

    def record(self, event: str, *, reference: str, **facts: str | int | bool) -> None:
        """Append one event; facts never hold a secret. Never raises: see `is_up`."""
        clipped = {name: _clip(fact) for name, fact in facts.items()}
        with self._lock:
            self._backlog.append((event, reference, clipped, chain.utc(self._now())))
            self._flush()

    def is_up(self) -> bool:
        """Tell whether all recorded events are on disk; retries once if they are not."""
        with self._lock:
            return self._flush()

    def checkpoint(self, sign: Callable[[bytes], bytes]) -> Checkpoint:
        """Sign the length and end of the chain, and store the checkpoint beside it.

        Args:
            sign: returns W-id's signature over these bytes.

        Raises:
            OSError: the chain or the file of checkpoints can't be written.
        """
        with self._lock, self._open():
            point = Checkpoint(seq=self._seq, hash=self._prev, time=chain.utc(self._now()))
        signed = Checkpoint(seq=point.seq, hash=point.hash, time=point.time, signature=sign(point.body()))
        text = json.dumps(
            {"seq": signed.seq, "hash": signed.hash, "time": signed.time, "signature": signed.signature.hex()}
        )
        _append(self._path.with_name(self._path.name + ".checkpoints"), text.encode("ascii") + b"\n")
        return signed

    def _flush(self) -> bool:
        try:
            if self._backlog:
                self._write_backlog()
        except OSError as error:
            _log.error("The audit %s can't be written: %s.", self._path, error.strerror)
        return not self._backlog

    def _write_backlog(self) -> None:
        with self._open() as file:
            while self._backlog:
                event, reference, facts, moment = self._backlog[0]
                self._put(file, event, reference, facts, moment)
                self._backlog.popleft()
            if self._size >= self._rotate_at:
                self._rotate()

    def _put(self, file: int, event: str, reference: str, facts: dict[str, Fact], moment: str) -> None:
        raw, own = chain.seal(event, reference, facts, seq=self._seq + 1, prev=self._prev, time=moment)
        try:
            _write_whole(file, raw)
            os.fdatasync(file)
        except OSError:
            os.ftruncate(file, self._size)
            raise
        self._seq, self._prev, self._size = self._seq + 1, own, self._size + len(raw)

    @contextmanager
    def _open(self) -> Iterator[int]:
        """Lock the file and catch up with its last line: another process may have written since."""
        while True:
            # An object, which closes itself even if an error comes before anything else could close it.
            with open(self._path, "a+b", buffering=0, opener=_private) as opened:  # Path has no opener
                file = opened.fileno()
                self._lock_file(file)
                if self._was_rotated(file):
                    continue
                now = os.fstat(file)
                if (now.st_ino, now.st_size) != (self._inode, self._size) or not self._size:
                    self._catch_up(file)
                self._inode = now.st_ino
                yield file
                return

    def _lock_file(self, file: int) -> None:
        """Take the file's lock; a stopped process that holds it must not stop this one.

        Raises:
            BlockingIOError: another process did not release it in time.
        """
        until = time.monotonic() + self._patience
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
            time.sleep(_LOOK_AGAIN)

    def _was_rotated(self, file: int) -> bool:
        try:
            return os.stat(self._path).st_ino != os.fstat(file).st_ino  # noqa: PTH116
        except FileNotFoundError:
            return True

    def _catch_up(self, file: int) -> None:
        size = os.fstat(file).st_size
        tail = os.pread(file, _LONGEST_LINE, max(0, size - _LONGEST_LINE))
        whole, _, torn = tail.rpartition(b"\n")
        if torn:
            # Kept beside the chain, with an event in the chain: half a line may be the only trace of a crash.
            _append(self._path.with_name(self._path.name + ".torn"), torn + b"\n")
            os.ftruncate(file, size - len(torn))
            facts: dict[str, Fact] = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            self._backlog.appendleft(("audit-torn", "", facts, chain.utc(self._now())))
        self._size = size - len(torn)
        self._continue_after(whole.rpartition(b"\n")[2])

    def _continue_after(self, last: bytes) -> None:
        """Continue the chain; `verify` reports a last line that was tampered with."""
        if not last:
            last = self._last_of_older()
        try:
            line = chain.read(last + b"\n") if last else None
        except BadLineError:
            line = None
        if line is not None:
            self._seq, self._prev = line.seq, line.hash
        elif last:
            self._backlog.appendleft(("audit-broken", "", {}, chain.utc(self._now())))
            self._prev = hashlib.sha256(last).hexdigest()
        else:
            self._seq, self._prev = 0, chain.GENESIS

    def _last_of_older(self) -> bytes:
        older = older_files(self._path)
        return older[-1].read_bytes().rstrip(b"\n").rpartition(b"\n")[2] if older else b""

    def _rotate(self) -> None:
        self._path.rename(self._path.with_name(f"{self._path.name}.{self._seq:012d}"))
        self._size = -1


def older_files(path: Path) -> list[Path]:
    """Return the rotated files, oldest first; each is named by the number of its last line."""
    return sorted(path.parent.glob(f"{path.name}.{'[0-9]' * 12}"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _clip(fact: Fact) -> Fact:
    return fact[:_LONGEST_FACT] if isinstance(fact, str) else fact


def _write_whole(file: int, raw: bytes) -> None:
    if os.write(file, raw) < len(raw):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _append(path: Path, raw: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _write_whole(file, raw)
        os.fsync(file)
    finally:
        os.close(file)
