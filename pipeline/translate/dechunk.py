"""Puts translated chunks together again, in the order in which they are named.

    python3 -m pipeline.translate.dechunk --chunks chunk.1.it.zst chunk.2.it.zst --corpus corpus.en.zst --output translated.it.zst

The result must have as many lines as the corpus that was chunked: a chunk that lost a line would shift every translation after it. With
--source-chunks, each chunk is held against the chunk it was translated from, and the error names the one that is wrong. Chunks whose names
have numbers (chunk.9.it.zst, chunk.10.it.zst) must stand in the order of these, and none may be left out.

With --output-corpus the corpus is published beside its translations: both sides of the synthetic parallel corpus then come from one place.

Statistics: `lines`; `chunks`, the lines of each; `empty-translations`, lines with a translation of white space only and a source of more.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.common.blocks import is_utf8, open_block_output, read_blocks, stream_texts
from pipeline.common.lines import count_lines, join_files, open_input
from pipeline.common.outputs import write_json
from pipeline.common.script import StepError, base_parser, check_files, run

WHITE_SPACE_STARTS = b"\n \t\r\v\f\x1c\x1d\x1e\x1f\xc2\xe1\xe2\xe3"  # the first bytes of all that is white space in Unicode


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--chunks", required=True, nargs="+", type=Path, metavar="FILE", help="translated chunks, in order")
    options.add_argument("--corpus", required=True, type=Path, metavar="FILE", help="what was chunked")
    options.add_argument("--source-chunks", nargs="+", type=Path, default=[], metavar="FILE", help="what was translated, in the same order")
    options.add_argument("--output", required=True, type=Path, metavar="FILE")
    options.add_argument("--output-corpus", type=Path, metavar="FILE", help="the corpus, line by line what --output translates")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([*arguments.chunks, arguments.corpus, *arguments.source_chunks])
    check_order(arguments.chunks)
    check_order(arguments.source_chunks)
    check_source_chunks(arguments.chunks, arguments.source_chunks)
    lengths, empty, ended = look_through(arguments.chunks, arguments.corpus)
    put_together(arguments.chunks, arguments.output, ended)
    if arguments.output_corpus:
        put_together([arguments.corpus], arguments.output_corpus)
    write_json(arguments.statistics, {"lines": sum(lengths), "chunks": lengths, "empty-translations": empty})


def look_through(chunks: Sequence[Path], corpus: Path) -> tuple[list[int], int, bool]:
    """The lines of each chunk, how many translations are empty, and whether every chunk but the last ends with "\\n".

    Raises StepError unless there is a translation for each line of the corpus.
    """
    with ThreadPoolExecutor(2) as threads:
        translated, source = threads.submit(count_blank, chunks), threads.submit(count_blank, [corpus])
        (lengths, blank, ended), ((expected,), blank_sources, _) = translated.result(), source.result()
    if sum(lengths) != expected:
        counted = ", ".join(f"{chunk.name} {length}" for chunk, length in zip(chunks, lengths, strict=True))
        raise StepError(f"{corpus} has {expected} lines, its translated chunks have {sum(lengths)} ({counted})")
    return lengths, len(blank - blank_sources), all(ended[:-1])


def count_blank(paths: Sequence[Path]) -> tuple[list[int], set[int], list[bool]]:
    """The lines of each file; which lines of all of them, one after the other, have nothing but white space; which files end with "\\n"."""
    lengths: list[int] = []
    blank: set[int] = set()
    ended: list[bool] = []
    for path in paths:
        before, length = sum(lengths), 0
        file = WatchedFile(path)
        for text in stream_texts(file.open, path):
            if not is_utf8(text):
                raise StepError(f"{path}: not UTF-8 in one of the lines from {length + 1} on")
            suspects, number = blank_suspects(text)
            blank.update(before + length + place for place, line in suspects if is_blank(line))
            length += number
        lengths.append(length)
        ended.append(file.last == b"\n")
    return lengths, blank, ended


class WatchedFile:
    """The content of a file; `last` is the last byte that was read. The lines do not tell it: as they are read, each has its "\\n"."""

    def __init__(self, path: Path) -> None:
        self.path, self.last = path, b"\n"

    def open(self) -> BinaryIO:
        self.stream = open_input(self.path)
        return cast(BinaryIO, self)

    def read(self, size: int) -> bytes:
        content = self.stream.read(size)
        self.last = content[-1:] or self.last
        return content

    def __enter__(self) -> "WatchedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def blank_suspects(text: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """The lines of a text that begin as a blank one may, by their places; and how many lines there are."""
    import numpy as np

    codes = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.flatnonzero(np.isin(codes[starts], np.frombuffer(WHITE_SPACE_STARTS, dtype=np.uint8))).tolist()
    return [(place, text[starts[place] : ends[place]]) for place in places], len(ends)


def is_blank(line: bytes) -> bool:
    """Whether there is nothing but white space, of any kind."""
    return not line.decode().strip()


def put_together(paths: Sequence[Path], output: Path, ended: bool = True) -> None:
    """The files' lines one after the other: compressed as they are, where all are compressed alike and each but the last is `ended`."""
    if ended and all(path.suffix == output.suffix and path.suffix in (".zst", ".gz") for path in paths):
        join_files(paths, output)
        return
    with open_block_output(output) as writer:
        for path in paths:
            for lines in read_blocks(path):
                writer.write(lines)


def check_order(chunks: Sequence[Path]) -> None:
    """Raises StepError unless the chunks are numbered one after the other by their names, or have no numbers at all."""
    numbers = [chunk_number(chunk) for chunk in chunks]
    if not any(number is not None for number in numbers):
        return
    for chunk, number in zip(chunks, numbers, strict=True):
        if number is None:
            raise StepError(f"{chunk.name}: no number in its name, the other chunks have one")
    for (before, first), (chunk, second) in pairwise(zip(chunks, numbers, strict=True)):
        if first is not None and second != first + 1:
            raise StepError(f"{chunk.name} comes after {before.name}: expected are chunks in the order of their numbers, and all of them")


def chunk_number(chunk: Path) -> int | None:
    """10 for chunk.10.it.zst."""
    return next((int(part) for part in chunk.name.split(".") if part.isdecimal()), None)


def check_source_chunks(chunks: Sequence[Path], source_chunks: Sequence[Path]) -> None:
    """Raises StepError unless every chunk is as long as what it was translated from; nothing to check without source chunks."""
    if source_chunks and len(source_chunks) != len(chunks):
        raise StepError(f"--chunks names {len(chunks)} files, --source-chunks {len(source_chunks)}")
    for chunk, source in zip(chunks, source_chunks, strict=False):
        translated, expected = count_lines(chunk), count_lines(source)
        if translated != expected:
            raise StepError(f"{chunk}: {translated} lines, but {source}, which it translates, has {expected}")


if __name__ == "__main__":
    run(main)
