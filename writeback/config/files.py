"""Who can write a file that decides something: only root and the worker's own user may."""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def open_files(path: Path, *, me: int | None = None) -> Iterator[str]:
    """Yield a sentence, with the command that mends it, for each way in which others could change a file.

    Args:
        path: a file that is there; its folder counts too, since who can write that can replace the file.
        me: the user id that may own it beside root; None for this process's.
    """
    real = path.resolve()
    trusted = {0, os.geteuid() if me is None else me}
    for place, mask in ((path, _OTHERS), (real.parent, _OTHERS), *((above, 0) for above in real.parents[1:])):
        about = place.stat()
        if mask and about.st_uid not in trusted:
            yield f"{place} belongs to {name_of(about.st_uid)}; run: chown root {place}."
        # In a folder with the sticky bit, such as /tmp, nobody can replace what belongs to somebody else.
        if about.st_mode & (mask or stat.S_IWOTH) and not about.st_mode & stat.S_ISVTX:
            yield f"{place} can be written by others than its owner; run: chmod go-w {place}."


def name_of(user: int) -> str:
    """Return the name of a user id, or the id where nobody has that name any more."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def may_be_changed_by_all(path: Path) -> bool:
    """Tell whether everybody on this machine can change a file, or replace it."""
    places = (path.stat(), *(place.stat() for place in path.resolve().parents))
    return any(one.st_mode & stat.S_IWOTH and not one.st_mode & stat.S_ISVTX for one in places)
