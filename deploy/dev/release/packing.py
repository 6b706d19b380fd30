"""Makes the same commit the same bytes: committed files only, in one order, with one owner and one time."""

import gzip
import io
import subprocess
import tarfile
from pathlib import Path

_RUN, _READ = 0o755, 0o644


def copy_commit(repository: Path, folder: Path) -> None:
    """Copy the committed files of a clean working tree, and nothing that lies beside them.

    Git ignores what a developer tells it to ignore, a file of settings with a secret for example. Such a file
    doesn't make the tree unclean, but a build in the tree would pack it.

    Args:
        repository: the working tree; without changes that are not committed.
        folder: where the copy goes; it need not exist.
    """
    subprocess.run(["git", "checkout-index", "--all", f"--prefix={folder}/"], cwd=repository, check=True)


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
