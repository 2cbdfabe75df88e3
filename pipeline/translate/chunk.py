"""Splits a corpus into a fixed number of chunks for translation in parallel.

    python3 -m pipeline.translate.chunk --corpus corpus.en.zst corpus.it.zst --languages en it --chunks 4 --output-dir chunks --prefix chunk

writes chunks/chunk.1.en.zst, chunks/chunk.1.it.zst to chunk.4. Chunks are contiguous, in order, and differ by at most one line in length.
There are always as many as asked for, some of them empty where the corpus has fewer lines.

Statistics: `lines`, and `chunks`, the lines of each.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.common.blocks import Block, open_block_output, read_parallel_blocks
from pipeline.common.lines import count_parallel
from pipeline.common.outputs import write_json
from pipeline.common.progress import block_progress
from pipeline.common.script import StepError, base_parser, check_files, positive_int, run


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

    total = count_parallel(*arguments.corpus)
    lengths = chunk_lengths(total, arguments.chunks)
    blocks = Remaining(block_progress(read_parallel_blocks(*arguments.corpus), "chunking", total))
    for number, length in enumerate(lengths, start=1):
        paths = [arguments.output_dir / f"{arguments.prefix}.{number}.{language}.zst" for language in arguments.languages]
        with open_block_output(*paths) as writer:
            for block in blocks.take(length):
                writer.write(*block)

    write_json(arguments.statistics, {"lines": total, "chunks": lengths})


class Remaining:
    """Blocks from which any number of rows may be taken at a time."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.blocks = iter(blocks)
        self.begun: Block = ()

    def take(self, rows: int) -> Iterator[Block]:
        """The next so many rows, of which there are at least as many."""
        while rows:
            block = self.begun or next(self.blocks)
            self.begun = tuple(lines[rows:] for lines in block) if len(block[0]) > rows else ()
            block = tuple(lines[:rows] for lines in block)
            rows -= len(block[0])
            yield block


def chunk_lengths(total: int, chunks: int) -> list[int]:
    """`chunks` numbers that add up to `total` and differ by at most one, the larger ones first."""
    length, longer = divmod(total, chunks)
    return [length + (number < longer) for number in range(chunks)]


if __name__ == "__main__":
    run(main)
