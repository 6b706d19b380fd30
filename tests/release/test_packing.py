"""The same source makes the same archive, whenever and by whomever it was packed."""

import io
import subprocess
import tarfile
from pathlib import Path

from deploy.dev.release.packing import copy_commit, pack_again

AT = 1_700_000_000


def packed(path: Path, names: list[str], *, mtime: int, owner: str) -> bytes:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname = 3, mtime, owner
            member.mode = 0o775 if name.endswith(".sh") else 0o664
            archive.addfile(member, io.BytesIO(b"one"))
    pack_again(path, at=AT)
    return path.read_bytes()


def test_an_archive_does_not_depend_on_order_owner_and_time(tmp_path: Path) -> None:
    first = packed(tmp_path / "a.tar.gz", ["k/a.sh", "k/b"], mtime=1, owner="ann")
    second = packed(tmp_path / "b.tar.gz", ["k/b", "k/a.sh"], mtime=2, owner="bob")
    assert first == second


def test_packing_keeps_executable_bits_and_contents(tmp_path: Path) -> None:
    packed(tmp_path / "a.tar.gz", ["k/b", "k/a.sh"], mtime=1, owner="ann")
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        found = [(one.name, one.mode, one.mtime, one.uid) for one in archive.getmembers()]
        content = archive.extractfile("k/b")
        assert content is not None
        assert content.read() == b"one"
    assert found == [("k/a.sh", 0o755, AT, 0), ("k/b", 0o644, AT, 0)]


def test_only_what_is_committed_is_packed(tmp_path: Path) -> None:
    """A file that git ignores leaves the tree clean, and may be somebody's settings with a secret."""
    tree, copy = tmp_path / "tree", tmp_path / "copy"
    (tree / "deploy").mkdir(parents=True)
    (tree / "deploy" / "run.sh").write_text("one\n")
    (tree / "deploy" / "run.sh").chmod(0o755)
    author = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "-m", "One"]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    (tree / ".git" / "info" / "exclude").write_text("*.env\n")
    (tree / "deploy" / "portal.env").write_text("KEYBACK_SECRET_KEY=secret\n")
    copy_commit(tree, copy)
    assert [path.relative_to(copy) for path in copy.rglob("*") if path.is_file()] == [Path("deploy/run.sh")]
    assert (copy / "deploy" / "run.sh").read_text() == "one\n"
    assert (copy / "deploy" / "run.sh").stat().st_mode & 0o100
