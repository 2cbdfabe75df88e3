import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from pipeline.common import blocks
from pipeline.common.blocks import stream_texts
from pipeline.common.script import StepError
from pipeline.data import archives
from pipeline.data.archives import find_member, match_member, member_names, open_member, open_text

LINES = b"".join(b"line %d\n" % number for number in range(20_000))
PACKERS = {"zst": zstandard.compress, "gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress, "plain": bytes}


def lines_of(path: Path, member: str | None = None) -> bytes:
    return b"".join(stream_texts(lambda: open_member(path, member, "X") if member else open_text(path, "X"), "X"))


def tar_of(path: Path, members: dict[str, bytes], mode: str = "w", *more: tarfile.TarInfo) -> Path:
    with tarfile.open(path, mode) as archive:
        for info in more:
            archive.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def zip_of(path: Path, members: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("packer", PACKERS)
def test_the_content_says_how_it_is_compressed(tmp_path: Path, packer: str):
    path = tmp_path / "corpus.misleading.gz"
    path.write_bytes(PACKERS[packer](LINES))
    assert lines_of(path) == LINES


def test_several_frames_are_one_text(tmp_path: Path):
    path = tmp_path / "corpus"
    for packer in (zstandard.compress, gzip.compress, lzma.compress, bz2.compress):
        path.write_bytes(packer(LINES[:70_000]) + packer(LINES[70_000:]))
        assert lines_of(path) == LINES
    skippable = b"\x50\x2a\x4d\x18\x04\0\0\0size"
    path.write_bytes(skippable + zstandard.compress(LINES))
    assert lines_of(path) == LINES


@pytest.mark.parametrize("packer", [name for name in PACKERS if name != "plain"])
def test_a_file_that_was_cut_off_or_damaged(tmp_path: Path, packer: str):
    path = tmp_path / "corpus"
    packed = PACKERS[packer](LINES)
    path.write_bytes(packed[:-20])
    with pytest.raises(StepError, match=r"X: broken after line \d+ .*(end|before)"):
        lines_of(path)
    path.write_bytes(packed[:-20] + b"\0" * 20)
    if packer != "zst":  # which has no checksum unless it was asked for one
        with pytest.raises(StepError, match=r"X: broken after line \d+"):
            lines_of(path)


def test_what_is_no_text(tmp_path: Path):
    archive = zip_of(tmp_path / "a.zip", [("x", LINES)])
    tar = tar_of(tmp_path / "a.tar", {"x": LINES}).read_bytes()
    for content, called in [
        (archive.read_bytes(), "a zip archive"),
        (tar, "a tar archive"),
        (gzip.compress(tar), "a tar archive"),
        (zstandard.compress(tar), "a tar archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
        (b"PAR1\x15\4", "a Parquet file"),
        (b"\x04\x22\x4d\x18rest", "compressed with lz4"),
        *((gzip.compress(packer(LINES)), "compressed twice") for name, packer in PACKERS.items() if name != "plain"),
        (zstandard.compress(bz2.compress(b"")), "compressed twice"),
    ]:
        (tmp_path / "corpus.txt").write_bytes(content)
        with pytest.raises(StepError, match=f"^X: is {called}; expected lines of text"):
            lines_of(tmp_path / "corpus.txt")


def test_a_text_may_begin_as_bzip2_does(tmp_path: Path):
    text = b"BZhang and BZhou\n"
    for content in (text, gzip.compress(text)):
        (tmp_path / "corpus").write_bytes(content)
        assert lines_of(tmp_path / "corpus") == text


def test_members_of_zip_and_tar(tmp_path: Path):
    members = {"a/one.txt": LINES, "two.txt": b"two\n"}
    made = [zip_of(tmp_path / "a.zip", list(members.items()))]
    made += [tar_of(tmp_path / f"a.{mode[2:] or 'tar'}", members, mode) for mode in ("w", "w:gz", "w:xz", "w:bz2")]
    zstd = tmp_path / "a.zst"
    zstd.write_bytes(zstandard.compress((tmp_path / "a.tar").read_bytes()))
    for path in [*made, zstd]:
        assert member_names(path, "X") == list(members)
        assert {name: lines_of(path, name) for name in members} == members
    assert sorted(tmp_path.iterdir()) == sorted([*made, zstd])


HOSTILE = ["../../etc/passwd", "/etc/passwd", "C:\\windows\\x", "a/../../b", "", "new\nline\x1b[2J", "x" * 5000]


def test_hostile_names_are_only_names(tmp_path: Path):
    folder = tmp_path / "work"
    folder.mkdir()
    links = [tarfile.TarInfo("dev/ita.dev"), tarfile.TarInfo("dev/eng.dev"), tarfile.TarInfo("fifo")]
    links[0].type, links[0].linkname = tarfile.SYMTYPE, "/etc/passwd"
    links[1].type, links[1].linkname = tarfile.LNKTYPE, "../../outside"
    links[2].type = tarfile.FIFOTYPE
    tar = tar_of(folder / "a.tar.gz", {**{name: b"evil\n" for name in HOSTILE if name}, "set/dev/eng.dev": b"good\n"}, "w:gz", *links)
    symlink = zipfile.ZipInfo("C.en-it.it")
    symlink.create_system, symlink.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    zipped = zip_of(folder / "a.zip", [(symlink, b"/etc/passwd"), ("folder/", b""), *((name, b"evil\n") for name in HOSTILE if name)])
    for path in (tar, zipped):
        names = member_names(path, "X")
        assert set(names) >= {"../../etc/passwd", "/etc/passwd", "a/../../b"}
        assert lines_of(path, "../../etc/passwd") == b"evil\n"
    assert find_member(member_names(tar, "X"), ["/dev/eng.dev"], "X") == "set/dev/eng.dev"
    for path, ending in [(tar, "/dev/ita.dev"), (zipped, ".en-it.it")]:
        with pytest.raises(StepError, match="X: has no file that ends with") as raised:
            find_member(member_names(path, "X"), [ending], "X")
        assert len(str(raised.value)) < 1000 and str(raised.value).isprintable()
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"work", "work/a.tar.gz", "work/a.zip"}


def test_the_wrong_member_and_several():
    names = ["Books.de-en.de", "Books.de-en.en", "README"]
    with pytest.raises(
        StepError, match=r"X: has no file that ends with \.en-it\.en; it has 'Books\.de-en\.de', 'Books\.de-en\.en', 'README'$"
    ):
        find_member(names, [".en-it.en"], "X")
    with pytest.raises(StepError, match=r"has 2 files that end with /dev/a\.dev: 'x/dev/a\.dev', 'y/dev/a\.dev'"):
        find_member(["x/dev/a.dev", "y/dev/a.dev"], ["/dev/b.dev", "/dev/a.dev"], "X")
    with pytest.raises(StepError, match="it has no files"):
        find_member([], ["/x"], "X")
    with pytest.raises(StepError, match="and 92 more"):
        find_member([str(number) for number in range(100)], ["/x"], "X")


@pytest.mark.parametrize(
    ("names", "pattern", "found"),
    [
        (["a.en", "b.it"], "*.en", "a.en"),
        (["deep/a.en", "a.en"], "*.en", "a.en"),
        (["deep/a.en"], "*.en", "deep/a.en"),
        (["./a.[x].en", "./a.x.en"], "a.[x].en", "./a.[x].en"),
        (["./x/a.en", "./y/a.it"], "x/*.en", "./x/a.en"),
    ],
)
def test_members_by_patterns(names: list[str], pattern: str, found: str):
    assert match_member(names, pattern, "X") == found


def test_patterns_of_no_member_and_of_several():
    with pytest.raises(StepError, match=r"^X: has no file like \*\.en: 'a\.it'$"):
        match_member(["a.it"], "*.en", "X")
    with pytest.raises(StepError, match=r"^X: has 2 files like \*\.en: 'a\.en', 'b\.en'$"):
        match_member(["b.en", "a.en", "deep/c.en"], "*.en", "X")
    with pytest.raises(StepError, match=r"^X: has 2 files like a\.en: "):
        match_member(["a.en", "a.en"], "a.en", "X")
    with pytest.raises(StepError, match=r"^X: has no file like a\.en: no files$"):
        match_member([], "a.en", "X")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice(tmp_path: Path):
    path = zip_of(tmp_path / "a.zip", [("C.en-it.en", b"one\n"), ("C.en-it.en", b"two\n")])
    with pytest.raises(StepError, match="has 2 files that end with"):
        find_member(member_names(path, "X"), [".en-it.en"], "X")


def test_an_encrypted_zip(tmp_path: Path):
    path = zip_of(tmp_path / "a.zip", [("C.en-it.en", LINES)])
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(StepError, match=r"X: 'C\.en-it\.en' is encrypted"):
        lines_of(path, "C.en-it.en")


def test_an_unknown_compression(tmp_path: Path):
    path = zip_of(tmp_path / "a.zip", [("C.en-it.en", LINES)])
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(mark) + offset] = 97
    path.write_bytes(content)
    with pytest.raises(StepError, match="compressed in an unknown way"):
        lines_of(path, "C.en-it.en")


def test_a_damaged_zip(tmp_path: Path):
    path = zip_of(tmp_path / "a.zip", [("C.en-it.en", LINES)])
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(StepError, match="X: broken after line"):
        lines_of(path, "C.en-it.en")
    path.write_bytes(content[:-200])
    with pytest.raises(StepError, match="X: is no whole zip or tar archive"):
        member_names(path, "X")


def later_version(content: bytearray) -> None:
    content[content.index(b"PK\x01\x02") + 6] = 99


def no_utf8(content: bytearray) -> None:
    content[:] = content.replace("è".encode(), b"\xff\xfe")


def before_the_beginning(content: bytearray) -> None:
    content[content.index(b"PK\x05\x06") + 16] += 1


def patched(content: bytearray) -> None:
    content[content.index(b"PK\x01\x02") + 8] |= 0x20


@pytest.mark.parametrize("damage", [later_version, no_utf8, before_the_beginning, patched])
def test_a_zip_with_a_damaged_directory(tmp_path: Path, damage: Callable[[bytearray], None]):
    path = zip_of(tmp_path / "a.zip", [("è.en", LINES)])
    content = bytearray(path.read_bytes())
    damage(content)
    path.write_bytes(content)
    with pytest.raises(StepError, match=r"^X: (is no whole zip|'.xe8\.en' is damaged, or compressed in an unknown way)"):
        lines_of(path, find_member(member_names(path, "X"), [".en"], "X"))


def test_zip64(tmp_path: Path):
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("C.en-it.en", "w", force_zip64=True) as member,
    ):
        member.write(LINES)
    assert lines_of(tmp_path / "a.zip", "C.en-it.en") == LINES


def test_no_archive_and_one_that_was_cut_off(tmp_path: Path):
    path = tmp_path / "a.tar.gz"
    path.write_bytes(os.urandom(5000))
    with pytest.raises(StepError, match="X: is no whole zip or tar archive"):
        member_names(path, "X")
    tar_of(path, {"one": os.urandom(50_000), "two": os.urandom(50_000)}, "w:gz")
    path.write_bytes(path.read_bytes()[:70_000])
    with pytest.raises(StepError, match=r"X: is no whole zip or tar archive \(Compressed file ended"):
        member_names(path, "X")


def test_a_small_file_that_expands_to_a_full_disk(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 1 << 20)
    monkeypatch.setattr(archives, "EXPANSION", 100)
    bomb = (b"\n" + b"0" * 999) * 20_000
    path = zip_of(tmp_path / "a.zip", [("C.en-it.en", bomb)])
    with pytest.raises(StepError, match=r"X, 'C\.en-it\.en': more than 100 times its own size comes out of it"):
        lines_of(path, "C.en-it.en")
    for packer in (zstandard.compress, gzip.compress, lzma.compress, bz2.compress):
        path.write_bytes(packer(bomb))
        with pytest.raises(StepError, match="X: more than 100 times its own size"):
            lines_of(path)
    path.write_bytes(gzip.compress(LINES))
    assert lines_of(path) == LINES


def test_a_file_without_line_breaks_does_not_fill_the_memory(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(blocks, "LONGEST_LINE", 3 << 20)
    path = tmp_path / "corpus"
    path.write_bytes(b"one\n" + b"0" * (5 << 20))
    with pytest.raises(StepError, match=r"X: broken after line 1 \(a line of more than 3 MiB"):
        lines_of(path)
    path.write_bytes(b"one\n" + b"0" * (2 << 20) + b"\n")
    assert len(lines_of(path)) == path.stat().st_size
