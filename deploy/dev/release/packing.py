"""Packs an sdist again so that the same commit makes the same bytes: order, owners and times are set."""

import gzip
import io
import tarfile
from pathlib import Path

_RUN, _READ = 0o755, 0o644


def pack_again(archive: Path, *, at: int) -> None:
    """Rewrite a .tar.gz in place, with every time set to a moment.

    Args:
        archive: the file.
        at: the moment, Unix time.
    """
    plain = io.BytesIO()
    with (
        tarfile.open(archive) as old,
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            if not member.isfile():
                continue  # folders come with what is in them
            again = tarfile.TarInfo(member.name)
            again.size, again.mtime = member.size, at
            again.mode = _RUN if member.mode & 0o100 else _READ
            new.addfile(again, old.extractfile(member))
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=at) as packed:
        packed.write(plain.getvalue())
