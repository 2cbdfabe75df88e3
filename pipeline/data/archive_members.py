"""Files, and files in archives, as streams that are read from beginning to end."""

import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from pipeline.common.lines import BROKEN, open_input
from pipeline.common.outputs import atomic_output
from pipeline.common.script import StepError

Item = TypeVar("Item")

# What reading raises where an archive, or a file in it, was cut off or damaged.
BROKEN_ARCHIVE = (*BROKEN, zipfile.BadZipFile, tarfile.TarError)


@dataclass(frozen=True)
class Stream:
    """A file to read: `name` is what messages call it, `open` gives its decompressed bytes."""

    name: str
    open: Callable[[], BinaryIO]

    def items(self, read: Callable[[BinaryIO], Iterable[Item]]) -> Iterator[Item]:
        """What `read` makes of the bytes; raises StepError where they are broken."""
        try:
            with self.open() as stream:
                yield from read(stream)
        except BROKEN_ARCHIVE as error:
            raise StepError(f"{self.name}: broken or cut off ({error})") from error


def file_stream(path: Path) -> Stream:
    """A file; its suffix tells the compression (see open_input)."""
    return Stream(str(path), partial(open_input, path))


def member_streams(archive: Path, patterns: Sequence[str], folder: Path) -> list[Stream]:
    """The files in a zip or tar archive that the patterns name, each exactly one; raises StepError where it is not so, or it is no archive.

    From a zip archive they are read where they are. A tar archive can only be read from its beginning: they go to `folder`.
    """
    try:
        if zipfile.is_zipfile(archive):
            return zip_members(archive, patterns)
        return tar_members(archive, patterns, folder)
    except BROKEN_ARCHIVE as error:
        raise StepError(f"{archive}: broken or cut off, or neither a zip nor a tar archive ({error})") from error


def zip_members(archive: Path, patterns: Sequence[str]) -> list[Stream]:
    with zipfile.ZipFile(archive) as opened:
        names = [info.filename for info in opened.infolist() if not info.is_dir()]
    found = [the_one_match(names, pattern, archive) for pattern in patterns]
    return [Stream(f"{archive}: {name}", partial(open_zip_member, archive, name)) for name in found]


def open_zip_member(archive: Path, name: str) -> BinaryIO:
    # The member keeps the archive's file open for as long as it is read.
    with zipfile.ZipFile(archive) as opened:
        return cast(BinaryIO, opened.open(name))


def tar_members(archive: Path, patterns: Sequence[str], folder: Path) -> list[Stream]:
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as opened:
        members = {member.name.removeprefix("./"): member for member in opened if member.isfile()}
        found = [the_one_match(list(members), pattern, archive) for pattern in patterns]
        paths = {name: folder / f"member-{number}" for number, name in enumerate(dict.fromkeys(found))}
        for name in sorted(paths, key=lambda name: members[name].offset):
            content = opened.extractfile(members[name])
            assert content is not None  # it is a file
            with atomic_output(paths[name]) as written, written.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
    return [Stream(f"{archive}: {name}", partial(open_input, paths[name])) for name in found]


def the_one_match(names: Sequence[str], pattern: str, archive: Path) -> str:
    """The one name that the pattern is or matches; "*" stands for no "/" if that decides it."""
    matches = [name for name in names if name == pattern] or [name for name in names if fnmatchcase(name, pattern)]
    if len(matches) > 1:
        matches = [name for name in matches if name.count("/") == pattern.count("/")]
    if len(matches) != 1:
        listed = ", ".join(sorted(matches or names)[:10])
        raise StepError(f"{archive}: {len(matches) or 'none'} of its files is {pattern}, one should be; there are {listed}")
    return matches[0]
