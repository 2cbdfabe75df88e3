"""Splits a corpus into a fixed number of chunks for translation in parallel.

    python3 -m pipeline.translate.chunk --corpus corpus.en.zst corpus.it.zst --languages en it --chunks 4 --output-dir chunks --prefix chunk

writes chunks/chunk.1.en.zst, chunks/chunk.1.it.zst to chunk.4. Chunks are contiguous, in order, and differ by at most one line in length.
There are always as many as asked for, some of them empty where the corpus has fewer lines.

Statistics: `lines`, and `chunks`, the lines of each.
"""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from pipeline.common.lines import count_parallel, open_parallel_output, read_parallel
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
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
    rows = progress(read_parallel(*arguments.corpus), "chunking", total)
    for number, length in enumerate(lengths, start=1):
        paths = [arguments.output_dir / f"{arguments.prefix}.{number}.{language}.zst" for language in arguments.languages]
        with open_parallel_output(*paths) as writer:
            for row in islice(rows, length):
                writer.write(*row)

    write_json(arguments.statistics, {"lines": total, "chunks": lengths})


def chunk_lengths(total: int, chunks: int) -> list[int]:
    """`chunks` numbers that add up to `total` and differ by at most one, the larger ones first."""
    length, longer = divmod(total, chunks)
    return [length + (number < longer) for number in range(chunks)]


if __name__ == "__main__":
    run(main)
