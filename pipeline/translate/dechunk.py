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
from itertools import pairwise
from pathlib import Path

from pipeline.common.lines import count_lines, open_parallel_output, read_lines
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, base_parser, check_files, run


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
    expected = count_lines(arguments.corpus)

    lengths = []
    empty = 0
    sources = read_lines(arguments.corpus)
    outputs = [path for path in (arguments.output, arguments.output_corpus) if path]
    with open_parallel_output(*outputs) as writer:
        for chunk in progress(arguments.chunks, "joining", len(arguments.chunks), "chunks"):
            before = writer.lines
            for translation in read_lines(chunk):
                source = next(sources, "")  # too many translations are an error below, which tells how many there are
                writer.write(*(translation, source)[: len(outputs)])
                empty += not translation.strip() and bool(source.strip())
            lengths.append(writer.lines - before)
        if writer.lines != expected:
            counted = ", ".join(f"{chunk.name} {length}" for chunk, length in zip(arguments.chunks, lengths, strict=True))
            raise StepError(f"{arguments.corpus} has {expected} lines, its translated chunks have {writer.lines} ({counted})")

    write_json(arguments.statistics, {"lines": expected, "chunks": lengths, "empty-translations": empty})


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
