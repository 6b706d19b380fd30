"""Checks who can write an important file: only root and the worker's own user may."""

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def open_files(path: Path, *, me: int | None = None) -> Iterator[str]:
    """Yield a sentence, with the command that fixes it, for each way in which others could change a file.

    Args:
        path: an existing file; whoever can write a folder above it, or above a link to it, can replace it.
        me: the user id that may own it besides root; None for this process's.
    """
    trusted = {0, os.geteuid() if me is None else me}
    for place, is_near in _way_to(path):
        about = place.lstat()
        is_link = stat.S_ISLNK(about.st_mode)
        if about.st_uid not in trusted:
            chown = "chown -h" if is_link else "chown"
            yield f"{place} belongs to {name_of(about.st_uid)}; run: {chown} root {place}."
        if is_link or _keeps_what_is_in_it(about):
            continue
        mask = stat.S_IWOTH if _is_a_users_own_group(about) and not is_near else _OTHERS
        if about.st_mode & mask:
            yield f"{place} can be written by users other than its owner; run: chmod go-w {place}."


def name_of(user: int) -> str:
    """Return the name of a user id, or the id itself if no user has it any more."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


def open_to_all(path: Path) -> list[Path]:
    """Return the file and those folders above it, or above a link to it, that every user can write."""
    abouts = ((place, place.lstat()) for place, _ in _way_to(path))
    return [
        place
        for place, about in abouts
        if about.st_mode & stat.S_IWOTH
        and not stat.S_ISLNK(about.st_mode)
        and not _keeps_what_is_in_it(about)
    ]


def _way_to(path: Path) -> Iterator[tuple[Path, bool]]:
    """Yield a file, the links that lead to it, and the folders above all of these, nearest first.

    The flag is True for a file, a link, or the folder that directly holds one.
    """
    ahead, seen = [path.absolute()], set[Path]()
    while ahead:
        start = ahead.pop()
        for place in (start, *start.parents):
            if place in seen:
                continue
            seen.add(place)
            yield place, place in {start, start.parent}
            if place.is_symlink():
                ahead.append(_target(place))


def _target(link: Path) -> Path:
    place = link.parent
    for part in link.readlink().parts:
        place = place.resolve().parent if part == ".." else place / part
    return place


def _keeps_what_is_in_it(about: os.stat_result) -> bool:
    """Tell whether it is a folder such as /tmp, where users can't replace each other's files."""
    return stat.S_ISDIR(about.st_mode) and bool(about.st_mode & stat.S_ISVTX)


def _is_a_users_own_group(about: os.stat_result) -> bool:
    """Tell whether the owner is the group's only member, as with the private groups of most systems."""
    try:
        owner, group = pwd.getpwuid(about.st_uid), grp.getgrgid(about.st_gid)
    except KeyError:
        return False
    return owner.pw_gid == about.st_gid and owner.pw_name == group.gr_name and not group.gr_mem
