"""Files that are to be uploaded, with what tells their contents apart."""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.script import StepError

BLOCK = 1 << 20
CONTENT_TYPES = {
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
}


@dataclass(frozen=True)
class LocalFile:
    """`name` is its path below the folder of the upload; `crc32c` is written as Cloud Storage writes it: base64 of its four bytes."""

    path: Path
    name: str
    bytes: int
    crc32c: str
    sha256: str

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES.get(self.path.suffix, "application/octet-stream")


def described(path: Path, name: str) -> LocalFile:
    """Reads the file once."""
    import google_crc32c

    sha256, crc32c, size = hashlib.sha256(), google_crc32c.Checksum(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha256.update(block)
            crc32c.update(block)
            size += len(block)
    return LocalFile(path, name, size, base64.b64encode(crc32c.digest()).decode(), sha256.hexdigest())


def files_below(folder: Path) -> list[LocalFile]:
    """Every file below the folder, at any depth, by name; raises StepError where there is none."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    if not paths:
        raise StepError(f"{folder}: no file to upload")
    return [described(paths[name], name) for name in sorted(paths)]


def content_hash(files: Iterable[LocalFile]) -> str:
    """Tells sets of files apart, by names and contents; 12 hexadecimal digits."""
    listing = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    return hashlib.sha256(listing.encode()).hexdigest()[:12]
