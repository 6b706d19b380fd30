"""Builds a release into var/release: source, wheel, notes, list of components, licences, checksums."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.dev.release.changelog import ChangelogError, notes_of
from deploy.dev.release.components import bill_of_materials, licences, read_lock
from deploy.dev.release.packing import copy_commit, pack_again

ROOT = Path(__file__).resolve().parents[3]
BUILD_LOCK = ROOT / "requirements-build.lock"


def main() -> int:
    """Build the release of what is committed, or say in a sentence why not."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    try:
        notes = notes_of((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    except ChangelogError as error:
        print(f"Not released: {error}", file=sys.stderr)
        return 1
    if _git("status", "--porcelain"):
        print("Not released: there are changes that are not committed.", file=sys.stderr)
        return 1
    commit, committed = _git("rev-parse", "HEAD"), int(_git("log", "-1", "--format=%ct"))
    at = datetime.fromtimestamp(committed, UTC).isoformat().replace("+00:00", "Z")
    folder = ROOT / "var" / "release" / f"keyback-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _build(folder, committed)
    components = read_lock((ROOT / "requirements-run.lock").read_text(encoding="utf-8"))
    bill = json.dumps(bill_of_materials(version, components, at=at), indent=2)
    icons = (ROOT / "static" / "img" / "icons" / "LICENSE").read_text(encoding="utf-8")
    _write(folder / "NOTES.md", f"# Keyback {version}\n\nCommit {commit}, {at[:10]}.\n\n{notes}\n")
    _write(folder / f"keyback-{version}.cdx.json", f"{bill}\n")
    _write(folder / "LICENSES.txt", f"{licences(components)}\n{'=' * 78}\nstatic/img/icons\n\n{icons}")
    _write(folder / "SHA256SUMS", checksums(folder))
    print(folder.relative_to(ROOT))
    return 0


def checksums(folder: Path) -> str:
    """Return the lines that `sha256sum --check` reads, of all files in a folder."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def _build(folder: Path, committed: int) -> None:
    """Build the sdist, and the wheel out of the sdist, with pinned tools and the time of the commit."""
    uv = Path(sys.executable).parent / "uv"
    with TemporaryDirectory() as source:
        copy_commit(ROOT, Path(source))
        subprocess.run(
            [uv, "build", "--quiet", "--build-constraints", BUILD_LOCK, "--require-hashes",
             "--python", sys.executable, "--out-dir", folder, source],
            env={**os.environ, "SOURCE_DATE_EPOCH": str(committed)}, check=True,
        )  # fmt: skip
    (folder / ".gitignore").unlink(missing_ok=True)
    for archive in folder.glob("*.tar.gz"):
        pack_again(archive, at=committed)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
