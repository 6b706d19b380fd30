"""Reads the audit's lines in order, and verifies the chain."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from writeback.audit import chain
from writeback.audit.appending import older_files
from writeback.audit.chain import BadLineError, Checkpoint, Line, Verdict


def lines(path: Path) -> Iterator[Line]:
    """Yield every line, oldest first.

    Raises:
        BadLineError: a line does not continue the chain; the text names the file and the line.
        OSError: a file can't be read.
    """
    before: Line | None = None
    for file in [*older_files(path), path]:
        with file.open("rb") as stream:
            for number, raw in enumerate(stream, start=1):
                try:
                    line = chain.read(raw)
                    chain.follow(before, line)
                except BadLineError as error:
                    raise BadLineError(f"{file.name}, line {number}: {error}.") from None
                yield line
                before = line


def moment(path: Path, event: str = "") -> float | None:
    """Return the Unix time of an event's last line, or of the audit's first line; None if there is none.

    This does not verify the chain.

    Args:
        path: the current file of the audit.
        event: its name; empty for the first line of the audit.

    Raises:
        OSError: a file can't be read.
    """
    older = older_files(path)
    for file in [*older[:1], path][:1] if not event else [path, *reversed(older)]:
        found = _moment(file, event)
        if found is not None:
            return found
    return None


def _moment(file: Path, event: str) -> float | None:
    wanted, found = json.dumps(event).encode(), None
    with file.open("rb") as stream:
        for raw in stream:
            if event and wanted not in raw:
                continue
            with suppress(BadLineError):
                line = chain.read(raw)
                if not event:
                    return _unix(line)
                found = _unix(line) if line.event == event else found
    return found


def _unix(line: Line) -> float:
    return datetime.fromisoformat(line.time).timestamp()


def checkpoints(path: Path) -> list[Checkpoint]:
    """Return the checkpoints that lie beside the audit, oldest first; skip lines that are not checkpoints."""
    beside = path.with_name(path.name + ".checkpoints")
    found = []
    for raw in beside.read_text("ascii", errors="replace").splitlines() if beside.exists() else []:
        try:
            body = json.loads(raw)
            signature = bytes.fromhex(body.pop("signature"))
            found.append(Checkpoint(**body, signature=signature))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found


def verify(path: Path, *, is_signed: Callable[[Checkpoint], bool]) -> Verdict:
    """Verify the chain from its first line to its last, and compare every checkpoint with it.

    Args:
        path: the current file of the audit.
        is_signed: tells whether the site's key signed a checkpoint.

    Returns:
        how many lines are good, and the first problem.
    """
    expected = {point.seq: point for point in checkpoints(path) if point.seq}
    for point in expected.values():
        if not is_signed(point):
            return Verdict(lines=0, problem=f"The checkpoint of {point.time} is not signed by this site.")
    count, last = 0, chain.GENESIS
    try:
        for line in lines(path):
            point_here = expected.pop(line.seq, None)
            if point_here is not None and point_here.hash != line.hash:
                problem = f"Line {line.seq} is not what the checkpoint of {point_here.time} saw."
                return Verdict(lines=count, last=last, problem=problem)
            count, last = line.seq, line.hash
    except BadLineError as error:
        return Verdict(lines=count, last=last, problem=str(error))
    except OSError as error:
        return Verdict(lines=count, last=last, problem=f"{path} can't be read: {error.strerror}.")
    for point in expected.values():
        problem = f"The chain ends at line {count}; the checkpoint of {point.time} saw line {point.seq}."
        return Verdict(lines=count, last=last, problem=problem)
    return Verdict(lines=count, last=last)
