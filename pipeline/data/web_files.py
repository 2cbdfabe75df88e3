"""What the providers of plain files share: where a host is, the download of one file, and its lines.

Every host can be another: an environment variable, read when a dataset is downloaded, names a mirror (docs/datasets.md).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.common.blocks import Lines, ahead_side_by_side
from pipeline.common.script import StepError
from pipeline.common.source import Source, public_address
from pipeline.common.texts import Text, TextBlock, stream_lines
from pipeline.data.archives import Stream, find_member, open_member, open_text


@dataclass(frozen=True)
class WebFile:
    """A file that lies on this disk, and where it came from."""

    path: Path
    source: Source

    @property
    def url(self) -> str:
        return self.source.url

    @property
    def name(self) -> str:
        """What errors call it: its address without what may be a key."""
        return public_address(self.url)

    def texts(self) -> Iterator[Text]:
        """The lines of a text, plain or compressed."""
        return stream_lines(partial(open_text, self.path, self.name), self.name)

    def member_texts(self, member: str) -> Iterator[Text]:
        """The lines of a text in an archive."""
        return stream_lines(partial(open_member, self.path, member, self.name), self.member_name(member))

    def lines(self) -> Iterator[Lines]:
        """The lines of a text one by one."""
        return (text.lines() for text in self.texts())

    def stream(self) -> Stream:
        """A text, plain or compressed, of whatever format."""
        return Stream(self.name, partial(open_text, self.path, self.name))

    def member_stream(self, member: str) -> Stream:
        return Stream(self.member_name(member), partial(open_member, self.path, member, self.name))

    def member_name(self, member: str) -> str:
        return f"{self.name}, {member!a}"


def root_address(variable: str, default: str) -> str:
    """Where a provider's files begin: what the environment variable says, or its public address."""
    return (os.environ.get(variable) or default).rstrip("/")


def download_file(url: str, folder: Path, *, size: int | None = None, sha256: str | None = None, patience: float | None = None) -> WebFile:
    """Downloads to `folder`; see `fetch` for its errors."""
    # requests takes a while to import, and whoever only asks for the parser does not need it
    from pipeline.common.fetch import TIMEOUT, fetch, local_name

    path = folder / local_name(url)
    return WebFile(path, fetch(url, path, size=size, sha256=sha256, patience=patience or TIMEOUT[1]))


def download_first(urls: Sequence[str], folder: Path, missing: str, *, patience: float | None = None) -> WebFile:
    """The first of the addresses that leads to a file; raises StepError, which begins with `missing`, where none does."""
    from pipeline.common.fetch import MissingFileError

    for url in urls:
        try:
            return download_file(url, folder, patience=patience)
        except MissingFileError:
            continue
    raise StepError(f"{missing}; there is no file at {' or '.join(map(public_address, urls))}")


def text_blocks(*files: WebFile) -> Iterator[TextBlock]:
    """The lines of texts side by side."""
    return ahead_side_by_side([file.texts() for file in files], [file.name for file in files])


def member_blocks(archive: WebFile, members: Sequence[str]) -> Iterator[TextBlock]:
    """The lines of texts in one archive side by side."""
    return ahead_side_by_side([archive.member_texts(member) for member in members], list(map(archive.member_name, members)))


def short_text(archive: WebFile, names: list[str], ending: str, size: int = 200) -> str | None:
    """The beginning of a short text in an archive, such as a licence, on one line; None where there is not one, and readable."""
    try:
        texts = archive.member_texts(find_member(names, [ending], archive.name))
        beginning = next((found.codes.tobytes() for found in texts), b"")
    except StepError:
        return None
    text = " ".join(beginning.decode("utf-8", "replace").split())
    return text if len(text) <= size else f"{text[:size].rstrip()}…" if text else None
