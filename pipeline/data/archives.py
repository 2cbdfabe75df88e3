"""Text out of compressed files and archives, as streams: nothing is ever unpacked to this disk.

What a file is, its first bytes say: names lie, and addresses may end in anything. Names inside an archive are compared and shown, and are
never used as paths; links, folders and devices in it are not looked at. What comes out is bounded by what went in, so that a small file
that expands to a disk full of zeros is found out.
"""

import bz2
import errno
import gzip
import io
import lzma
import re
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from pipeline.common.blocks import LongLineError
from pipeline.common.lines import BROKEN, ZstdFrames
from pipeline.common.script import StepError

Item = TypeVar("Item")

READ_SIZE = 1 << 20
EXPANSION = 500  # times; text of sentences gets some 3 to 20 times smaller
ALWAYS_ALLOWED = 1 << 30  # bytes that come out of however little
TAR_MARK = slice(257, 262)
SHOWN_NAMES = 8

# What a compressed file begins with, and what reads it. A zstd file may begin with a frame without content, and after the three letters
# of bzip2 stands how a block or the end begins: a text may be about a Mr BZhang.
COMPRESSIONS: dict[bytes, Callable[[Path], Any]] = {
    rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18": lambda path: ZstdFrames(path.open("rb")),
    rb"\x1f\x8b": gzip.open,
    rb"\xfd7zXZ\0": lzma.open,
    rb"BZh[1-9](1AY&SY|\x17rE8P\x90)": bz2.open,
}
MAGIC_SIZE = 10
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
BROKEN_ARCHIVE = (*BROKEN, zipfile.BadZipFile, tarfile.TarError, shutil.ReadError)

NO_TEXT = {
    **dict.fromkeys(ZIP, "a zip archive"),
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x04\x22\x4d\x18": "compressed with lz4",
    b"\x1f\x9d": "compressed with compress",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF file",
}


class Expanded(io.RawIOBase):
    """What comes out of a compressed file. Raises EOFError where that is broken, and StepError where more comes out than is plausible."""

    def __init__(self, stream: Any, compressed_size: int, name: str, *held: Any) -> None:
        self.stream, self.name, self.held = stream, name, held
        self.left = max(ALWAYS_ALLOWED, EXPANSION * compressed_size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            size: int = self.stream.readinto(buffer)
        except (zipfile.BadZipFile, tarfile.TarError) as error:
            raise EOFError(str(error)) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise EOFError(str(error)) from error  # of bz2 and gzip, which have no errors of their own
        self.left -= size
        if self.left < 0:
            raise StepError(f"{self.name}: more than {EXPANSION} times its own size comes out of it, which no text does")
        return size

    def close(self) -> None:
        for stream in (self.stream, *self.held):
            stream.close()
        super().close()


@dataclass(frozen=True)
class Stream:
    """A text to read: `name` is what errors call it, `open` gives its bytes, decompressed."""

    name: str
    open: Callable[[], BinaryIO]

    def items(self, read: Callable[[BinaryIO], Iterable[Item]]) -> Iterator[Item]:
        """What `read` makes of the bytes; raises StepError where they are broken."""
        try:
            with self.open() as stream:
                yield from read(stream)
        except (*BROKEN, LongLineError) as error:
            raise StepError(f"{self.name}: broken or cut off ({error})") from error


def expanded(stream: Any, path: Path, name: str, *held: Any) -> io.BufferedReader:
    return io.BufferedReader(Expanded(stream, path.stat().st_size, name, *held), READ_SIZE)


def open_decompressed(path: Path, name: str) -> io.BufferedReader:
    """The content of a file that may be compressed with zstd, gzip, xz or bzip2. `name` is what errors call it, such as its address."""
    with path.open("rb") as file:
        reader = reader_of(file.read(MAGIC_SIZE))
    return expanded(reader(path) if reader else path.open("rb"), path, name)


def reader_of(beginning: bytes) -> Callable[[Path], Any] | None:
    """What reads a compressed file that begins so; None where it is not compressed."""
    return next((reader for magic, reader in COMPRESSIONS.items() if re.match(magic, beginning)), None)


def open_text(path: Path, name: str) -> BinaryIO:
    """As open_decompressed; raises StepError where the content is compressed again, an archive or another format that has no lines."""
    stream = open_decompressed(path, name)
    beginning = stream.peek(512)
    if reader_of(beginning):
        # Some servers compress what they send, whatever it is.
        raise StepError(f"{name}: is compressed twice; expected lines of text, plain or compressed once")
    formats = [called for magic, called in NO_TEXT.items() if beginning.startswith(magic)]
    if beginning[TAR_MARK] == b"ustar":
        formats.append("a tar archive")
    if formats:
        raise StepError(f"{name}: is {formats[0]}; expected lines of text, plain or compressed with zstd, gzip, xz or bzip2")
    return cast(BinaryIO, stream)


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in ZIP


def member_names(path: Path, archive: str) -> list[str]:
    """The names of all files in a zip or tar archive, as often as they occur; `archive` is what errors call it."""
    try:
        if is_zip(path):
            with zip_errors(), zipfile.ZipFile(path) as opened:
                return [info.filename for info in opened.infolist() if is_file(info)]
        with open_decompressed(path, archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            return [info.name for info in tar if info.isreg()]
    except BROKEN_ARCHIVE as error:
        raise StepError(f"{archive}: is no whole zip or tar archive ({error}); was it cut off where it was made?") from error


@contextmanager
def zip_errors() -> Iterator[None]:
    """Makes BadZipFile of all that the package raises where an archive is damaged, encrypted, or packed in a way that it does not know."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    except OSError as error:
        if error.errno not in {None, errno.EINVAL}:  # bz2 has no errors of its own, and no file has a place before its beginning
            raise
        raise zipfile.BadZipFile(str(error)) from error


def is_file(info: zipfile.ZipInfo) -> bool:
    """Neither a folder nor, where the archive has Unix's file types, a link or a device."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    return not info.is_dir() and kind in {0, stat.S_IFREG}


def find_member(names: list[str], endings: Iterable[str], archive: str) -> str:
    """The one file whose path from the archive's root ends with the first of the endings that any has, whatever folder it is in."""
    tried = []
    for ending in endings:
        found = [name for name in names if f"/{name}".endswith(ending)]
        if len(found) > 1:
            raise StepError(f"{archive}: has {len(found)} files that end with {ending}: {shown(found)}")
        if found:
            return found[0]
        tried.append(ending)
    raise StepError(f"{archive}: has no file that ends with {' or '.join(tried)}; it has {shown(names) or 'no files'}")


def match_member(names: Sequence[str], pattern: str, archive: str) -> str:
    """The one file whose path is the pattern or matches it; "*" stands for no "/" if that decides it."""
    matches = [name for name in names if name.removeprefix("./") == pattern]
    if not matches:
        matches = [name for name in names if fnmatchcase(name.removeprefix("./"), pattern)]
    if len(matches) > 1:
        matches = [name for name in matches if name.removeprefix("./").count("/") == pattern.count("/")] or matches
    if len(matches) != 1:
        count = f"{len(matches)} files" if matches else "no file"
        raise StepError(f"{archive}: has {count} like {pattern}: {shown(sorted(matches or names)) or 'no files'}")
    return matches[0]


def shown(names: list[str]) -> str:
    """Some names, with what is no printable character escaped."""
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(ascii(name[:100]) for name in names[:SHOWN_NAMES]) + more


def open_member(path: Path, member: str, archive: str) -> BinaryIO:
    """The content of the file that is called `member` in a zip or tar archive, which has one."""
    opened = open_zip_member if is_zip(path) else open_tar_member
    return cast(BinaryIO, opened(path, member, archive))


def open_zip_member(path: Path, member: str, archive: str) -> io.BufferedReader:
    try:
        with zip_errors(), zipfile.ZipFile(path) as opened:  # the member's stream keeps its file open
            info = next(info for info in opened.infolist() if info.filename == member and is_file(info))
            if info.flag_bits & 1:
                raise StepError(f"{archive}: {member!a} is encrypted; name an archive without a password")
            return expanded(opened.open(info), path, f"{archive}, {member!a}")
    except zipfile.BadZipFile as error:
        raise StepError(f"{archive}: {member!a} is damaged, or compressed in an unknown way ({error})") from error


def open_tar_member(path: Path, member: str, archive: str) -> io.BufferedReader:
    stream = open_decompressed(path, archive)
    tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115, closed with the member's stream
    info = next(info for info in tar if info.name == member and info.isreg())
    return expanded(tar.extractfile(info), path, f"{archive}, {member!a}", tar, stream)
