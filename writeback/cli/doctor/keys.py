"""The doctor's check of the keys: they exist, the site is paired and on, prekeys stay in memory."""

from collections.abc import Iterator
from pathlib import Path

from writeback.assembly import open_vault
from writeback.config import Config
from writeback.envelope.findings import Finding, failure, ok
from writeback.vault import VaultError
from writeback.vault.files import require_private_folder

IN_MEMORY = ("tmpfs", "ramfs")


def checks(config: Config) -> Iterator[Finding]:
    """Yield the findings; write nothing."""
    vault = open_vault(config)
    try:
        identity, portal = vault.identity().public, vault.portal()
        require_private_folder(config.site.keys)
    except (VaultError, OSError) as error:
        says, _, command = str(error).removesuffix(".").partition("; run: ")
        yield failure("keys.folder", says, command or "writeback setup")
        return
    yield ok("keys.folder", f"keys in {config.site.keys}; this site is {identity.fingerprint}")
    if vault.is_disabled():
        yield failure("keys.switch", "writeback is switched off", "writeback enable")
    elif portal is None:
        yield failure("keys.pairing", "no portal is paired", "writeback setup --portal STRING")
    else:
        yield ok("keys.pairing", f"paired with the portal {portal.fingerprint}")
    if _filesystem_of(config.site.run) in IN_MEMORY:
        yield ok("keys.memory", f"prekeys in memory, at {config.site.run}")
    else:
        yield failure(
            "keys.memory",
            f"[site] run: {config.site.run} is on a disk, so old prekeys can be recovered from it",
            "put it on a tmpfs, such as /run/keyback (RuntimeDirectory= of the systemd unit makes it)",
        )


def _filesystem_of(path: Path) -> str:
    """Return the kind of file system that a path lies on, by the longest mount point above it."""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, point, found, *_ = line.split(" ")
        if path.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, found
    return kind
