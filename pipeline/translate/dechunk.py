"""Puts translated chunks together again, in the order in which they are named.

    python3 -m pipeline.translate.dechunk --chunks chunk.1.it.zst chunk.2.it.zst --corpus corpus.en.zst --output translated.it.zst

The result must have as many lines as the corpus that was chunked: a chunk that lost a line would shift every translation after it. With
--source-chunks, each chunk is held against the chunk it was translated from, and the error names the one that is wrong.

Statistics: `lines`, and `chunks`, the lines of each.
"""

import argparse
from collections.abc import Sequence
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
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([*arguments.chunks, arguments.corpus, *arguments.source_chunks])
    check_source_chunks(arguments.chunks, arguments.source_chunks)
    expected = count_lines(arguments.corpus)

    lengths = []
    with open_parallel_output(arguments.output) as writer:
        for chunk in progress(arguments.chunks, "joining", len(arguments.chunks), "chunks"):
            before = writer.lines
            for line in read_lines(chunk):
                writer.write(line)
            lengths.append(writer.lines - before)
        if writer.lines != expected:
            counted = ", ".join(f"{chunk.name} {length}" for chunk, length in zip(arguments.chunks, lengths, strict=True))
            raise StepError(f"{arguments.corpus} has {expected} lines, its translated chunks have {writer.lines} ({counted})")

    write_json(arguments.statistics, {"lines": expected, "chunks": lengths})


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
