"""Compressed line streams: one sentence a line, UTF-8, the only line break is "\\n".

Python's text mode would split a sentence at U+2028 or "\\r" too, and the two sides of a parallel corpus would part company. So bytes are
read, split at "\\n", and decoded line by line.
"""

import gzip
import io
import lzma
import shutil
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from pipeline.common.outputs import atomic_output
from pipeline.common.script import StepError, granted_threads

READ_SIZE = 1 << 20
# Smaller: what comes out is a hundred times larger for very repetitive text, and is held in memory.
ZSTD_READ_SIZE = 1 << 17
LEVEL = 3  # of zstd's compression
COPY_SIZE = 1 << 20

BROKEN = (zstandard.ZstdError, EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error)


def open_input(path: Path) -> BinaryIO:
    """A binary stream of the decompressed content; the suffix (.zst .gz .xz, or none of these) tells the compression."""
    match path.suffix:
        case ".zst":
            return cast(BinaryIO, io.BufferedReader(ZstdFrames(path.open("rb")), READ_SIZE))
        case ".gz":
            return cast(BinaryIO, gzip.open(path, "rb"))
        case ".xz":
            return cast(BinaryIO, lzma.open(path, "rb"))
        case _:
            return path.open("rb")


class ZstdFrames(io.RawIOBase):
    """The content of a zstd file of one or more frames; raises EOFError where it ends inside one.

    The package's own reader takes a file that was cut off for a shorter one, and half a corpus for all of it.
    """

    def __init__(self, file: BinaryIO):
        self.file = file
        self.frame = zstandard.ZstdDecompressor().decompressobj()
        self.inside = False
        self.pending = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.pending:
            compressed = self.frame.unused_data or self.file.read(ZSTD_READ_SIZE)
            if not compressed:
                if self.inside:
                    raise EOFError("the file ends inside a zstd frame")
                return 0
            if self.frame.eof:
                self.frame = zstandard.ZstdDecompressor().decompressobj()
            self.pending = memoryview(self.frame.decompress(compressed))
            self.inside = not self.frame.eof
        size = min(len(buffer), len(self.pending))
        buffer[:size] = self.pending[:size]
        self.pending = self.pending[size:]
        return size

    def close(self) -> None:
        self.file.close()
        super().close()


@contextmanager
def open_output(path: Path, beside: int = 0) -> Iterator[BinaryIO]:
    """A binary stream that compresses by the suffix of `path`; the file appears when the block ends well.

    `beside` is how many others are written at the same time: more threads than there are cores, each with tables of its own, would push
    one another's out of the caches and take a third longer.
    The same content gives the same bytes: no clock in a gzip header, and zstd cuts its work alike for any number of threads.
    """
    with atomic_output(path) as partial, partial.open("wb") as file:
        match path.suffix:
            case ".zst":
                compressor = zstandard.ZstdCompressor(level=LEVEL, threads=max(1, granted_threads() // (1 + beside)))
                with compressor.stream_writer(file, closefd=False) as writer:
                    yield cast(BinaryIO, writer)
            case ".gz":
                with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as writer:
                    yield cast(BinaryIO, writer)
            case _:
                yield file


def join_files(paths: Iterable[Path], output: Path) -> None:
    """Puts files one after the other as they are: compressed with zstd or gzip, they are one such file then."""
    with atomic_output(output) as partial, partial.open("wb") as file:
        for path in paths:
            with path.open("rb") as content:
                shutil.copyfileobj(content, file, COPY_SIZE)


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a file without their "\\n"; raises StepError, naming file and line, where the bytes are not UTF-8 or end too early."""
    number = 0
    try:
        with open_input(path) as stream:
            for line in stream:
                number += 1
                yield line.removesuffix(b"\n").decode("utf-8")
    except UnicodeDecodeError as error:
        raise StepError(f"{path}:{number}: not UTF-8 ({error})") from error
    except BROKEN as error:
        raise StepError(f"{path}: broken after line {number} ({error})") from error


def read_parallel(*paths: Path) -> Iterator[tuple[str, ...]]:
    """The lines of several files side by side; raises StepError where one ends before the others."""
    readers = [read_lines(path) for path in paths]
    number = 0
    while True:
        lines = [next(reader, None) for reader in readers]
        present = [line for line in lines if line is not None]
        if len(present) < len(lines):
            if present:
                short, long = (
                    next(path for path, line in zip(paths, lines, strict=True) if (line is None) is ended) for ended in (True, False)
                )
                raise StepError(f"{short}: ends after {number} lines, but {long} goes on")
            return
        yield tuple(present)
        number += 1


@contextmanager
def open_parallel_output(*paths: Path) -> Iterator["ParallelWriter"]:
    """A writer of rows, one line to each file; all files appear when the block ends well."""
    with ExitStack() as stack:
        yield ParallelWriter([stack.enter_context(open_output(path, len(paths) - 1)) for path in paths])


class ParallelWriter:
    """Writes one line to each of several streams at a time, so that they cannot get out of step."""

    def __init__(self, streams: list[BinaryIO]):
        self.streams = streams
        self.lines = 0

    def write(self, *row: str) -> None:
        for stream, line in zip(self.streams, row, strict=True):
            stream.write(line.encode("utf-8") + b"\n")
        self.lines += 1


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Writes the lines and returns how many there were."""
    with open_parallel_output(path) as output:
        for line in lines:
            output.write(line)
    return output.lines


def count_lines(path: Path) -> int:
    """How many lines a file has; a last line without "\\n" counts. Raises StepError where its bytes end too early."""
    lines, last = 0, b"\n"
    try:
        with open_input(path) as stream:
            while block := stream.read(READ_SIZE):
                lines += block.count(b"\n")
                last = block[-1:]
    except BROKEN as error:
        raise StepError(f"{path}: broken after line {lines} ({error})") from error
    return lines + (last != b"\n")


def count_parallel(*paths: Path) -> int:
    """How many lines each of several files has, counted side by side; raises StepError unless it is the same number."""
    with ThreadPoolExecutor(len(paths)) as threads:
        lines, *others = threads.map(count_lines, paths)
    for path, number in zip(paths[1:], others, strict=True):
        if number != lines:
            raise StepError(f"{paths[0]} has {lines} lines, {path} has {number}: they are not the sides of one corpus")
    return lines
