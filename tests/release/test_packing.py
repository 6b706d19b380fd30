"""The same source makes the same archive, whenever and by whomever it was packed."""

import io
import tarfile
from pathlib import Path

from deploy.dev.release.packing import pack_again

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
