"""Splits a corpus into a fixed number of chunks for translation in parallel.

    python3 -m pipeline.translate.chunk --corpus corpus.en.zst corpus.it.zst --languages en it --chunks 4 --output-dir chunks --prefix chunk

writes chunks/chunk.1.en.zst, chunks/chunk.1.it.zst to chunk.4. Chunks are contiguous, in order, and differ by at most one line in length.
There are always as many as asked for, some of them empty where the corpus has fewer lines.

Statistics: `lines`, and `chunks`, the lines of each.
"""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path

import zstandard

from pipeline.common.blocks import read_ahead, read_texts
from pipeline.common.lines import LEVEL
from pipeline.common.outputs import atomic_output, write_json
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError, base_parser, check_files, granted_threads, positive_int, run
from pipeline.common.workers import ordered_map_in_threads

PIECE_SIZE = 8 << 20  # bytes of text: compressed by itself, it gets hardly larger


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, nargs="+", type=Path, metavar="FILE", help="one file, or one for each side")
    options.add_argument("--languages", required=True, nargs="+", metavar="TAG", help="a language for each file, for the chunks' names")
    options.add_argument("--chunks", required=True, type=positive_int, metavar="N")
    options.add_argument("--output-dir", required=True, type=Path, metavar="DIR")
    options.add_argument("--prefix", default="chunk", metavar="NAME", help="chunks are named NAME.NUMBER.LANGUAGE.zst (default: chunk)")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files(arguments.corpus)
    if len(arguments.corpus) != len(arguments.languages):
        raise StepError(f"--languages names {len(arguments.languages)} languages for {len(arguments.corpus)} files of --corpus")

    with scratch_folder(arguments.output_dir, "pieces") as folder:
        paths = [folder / language for language in arguments.languages]
        threads = max(1, granted_threads() // len(paths))
        with ThreadPoolExecutor(len(paths)) as sides:
            pieces = list(sides.map(partial(compress_pieces, threads=threads), arguments.corpus, paths))
        total, *others = [sum(piece.lines for piece in each) for each in pieces]
        for corpus, number in zip(arguments.corpus[1:], others, strict=True):
            if number != total:
                raise StepError(f"{arguments.corpus[0]} has {total} lines, {corpus} has {number}: they are not the sides of one corpus")
        lengths = chunk_lengths(total, arguments.chunks)
        for path, language, each in zip(paths, arguments.languages, pieces, strict=True):
            for number, (start, end) in enumerate(pairwise(accumulate(lengths, initial=0)), start=1):
                write_chunk(path, each, start, end, arguments.output_dir / f"{arguments.prefix}.{number}.{language}.zst")
    write_json(arguments.statistics, {"lines": total, "chunks": lengths})


@dataclass(frozen=True)
class Piece:
    """Some lines of a corpus, the first one number `first`, as a frame of zstd from `start` on in a file of such frames."""

    first: int
    lines: int
    start: int
    size: int


def compress_pieces(corpus: Path, output: Path, threads: int) -> list[Piece]:
    """Compresses a corpus in pieces, so that it is read once: how many lines belong into a chunk is known when all were counted."""
    pieces: list[Piece] = []
    first = start = 0
    with output.open("wb") as file, read_ahead(read_texts(corpus, PIECE_SIZE), depth=1) as texts:
        for lines, frame in ordered_map_in_threads(compressed, texts, threads):
            file.write(frame)
            pieces.append(Piece(first, lines, start, len(frame)))
            first += lines
            start += len(frame)
    return pieces


def compressed(text: bytes) -> tuple[int, bytes]:
    return text.count(b"\n"), zstandard.ZstdCompressor(level=LEVEL).compress(text)


def write_chunk(path: Path, pieces: Iterable[Piece], start: int, end: int, output: Path) -> None:
    """Writes the lines from number `start` to before `end`: frames of several pieces, one after the other, are one text."""
    with path.open("rb") as file, atomic_output(output) as partial_output, partial_output.open("wb") as chunk:
        if start == end:
            chunk.write(compressed(b"")[1])
        for piece in pieces:
            begin, stop = max(start, piece.first) - piece.first, min(end, piece.first + piece.lines) - piece.first
            if begin >= stop:
                continue
            file.seek(piece.start)
            frame = file.read(piece.size)
            if stop - begin < piece.lines:
                text = zstandard.ZstdDecompressor().decompress(frame)
                frame = compressed(text[line_end(text, begin) : line_end(text, stop)])[1]
            chunk.write(frame)


def line_end(text: bytes, number: int) -> int:
    """Where the line of a number, counted from 1, ends; for 0 where the text begins."""
    end = 0
    for _ in range(number):
        end = text.index(b"\n", end) + 1
    return end


def chunk_lengths(total: int, chunks: int) -> list[int]:
    """`chunks` numbers that add up to `total` and differ by at most one, the larger ones first."""
    length, longer = divmod(total, chunks)
    return [length + (number < longer) for number in range(chunks)]


if __name__ == "__main__":
    run(main)
