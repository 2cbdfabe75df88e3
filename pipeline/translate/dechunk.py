"""Puts translated chunks together again, in the order in which they are named.

    python3 -m pipeline.translate.dechunk --chunks chunk.1.it.zst chunk.2.it.zst --corpus corpus.en.zst --output translated.it.zst

The result must have as many lines as the corpus that was chunked: a chunk that lost a line would shift every translation after it. With
--source-chunks, each chunk is held against the chunk it was translated from, and the error names the one that is wrong. Chunks whose names
have numbers (chunk.9.it.zst, chunk.10.it.zst) must stand in the order of these, and none may be left out.

With --output-corpus the corpus is published beside its translations: both sides of the synthetic parallel corpus then come from one place.

Statistics: `lines`; `chunks`, the lines of each; `empty-translations`, lines with a translation of white space only and a source of more.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from pipeline.common.blocks import Lines, UnequalSidesError, ahead_side_by_side, is_utf8, open_block_output, read_blocks
from pipeline.common.lines import count_lines, join_files
from pipeline.common.outputs import write_json
from pipeline.common.progress import block_progress
from pipeline.common.script import StepError, base_parser, check_files, run

WHITE_SPACE_STARTS = b" \t\r\v\f\x1c\x1d\x1e\x1f\xc2\xe1\xe2\xe3"  # the first bytes of all that is white space in Unicode


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
    lengths, empty = look_through(arguments.chunks, arguments.corpus)
    put_together(arguments.chunks, arguments.output)
    if arguments.output_corpus:
        put_together([arguments.corpus], arguments.output_corpus)
    write_json(arguments.statistics, {"lines": sum(lengths), "chunks": lengths, "empty-translations": empty})


def look_through(chunks: Sequence[Path], corpus: Path) -> tuple[list[int], int]:
    """The lines of each chunk, and how many translations are empty; raises StepError unless there is one for each line of the corpus."""
    lengths = dict.fromkeys(chunks, 0)
    empty = 0

    def translations() -> Iterator[Lines]:
        for chunk in chunks:
            for lines in read_blocks(chunk):
                check_utf8(lines, chunk, lengths[chunk])
                lengths[chunk] += len(lines)
                yield lines

    try:
        sides = ahead_side_by_side([translations(), read_blocks(corpus)], ["translations", "corpus"])
        for translated, sources in block_progress(sides, "joining"):
            suspects = [number for number, line in enumerate(translated) if not line or line[0] in WHITE_SPACE_STARTS]
            empty += sum(is_blank(translated[number]) and not is_blank(sources[number]) for number in suspects)
    except UnequalSidesError:
        expected = count_lines(corpus)
        lengths = {chunk: count_lines(chunk) for chunk in chunks}
        counted = ", ".join(f"{chunk.name} {length}" for chunk, length in lengths.items())
        message = f"{corpus} has {expected} lines, its translated chunks have {sum(lengths.values())} ({counted})"
        raise StepError(message) from None
    return list(lengths.values()), empty


def check_utf8(lines: Lines, chunk: Path, before: int) -> None:
    if not is_utf8(b"\n".join(lines)):
        number = next(number for number, line in enumerate(lines, before + 1) if not is_utf8(line))
        raise StepError(f"{chunk}:{number}: not UTF-8")


def is_blank(line: bytes) -> bool:
    """Whether there is nothing but white space, of any kind."""
    return not line.decode("utf-8", "replace").strip()


def put_together(paths: Sequence[Path], output: Path) -> None:
    """The files' content one after the other: compressed as it is, where all are compressed alike."""
    if all(path.suffix == output.suffix and path.suffix in (".zst", ".gz") for path in paths):
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
