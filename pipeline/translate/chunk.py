"""Splits a corpus into a fixed number of chunks for translation in parallel.

    python3 -m pipeline.translate.chunk --corpus corpus.en.zst corpus.it.zst --languages en it --chunks 4 --output-dir chunks --prefix chunk

writes chunks/chunk.1.en.zst, chunks/chunk.1.it.zst to chunk.4. Chunks are contiguous, in order, and differ by at most one line in length.
There are always as many as asked for, some of them empty where the corpus has fewer lines.

Statistics: `lines`, and `chunks`, the lines of each.
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from pipeline.common.blocks import read_ahead, read_texts
from pipeline.common.lines import count_parallel, open_output
from pipeline.common.outputs import write_json
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
    with ThreadPoolExecutor(len(arguments.corpus)) as threads:
        # The sides are cut at the same places, each by itself: compression needs no interpreter.
        for _ in threads.map(partial(write_chunks, arguments, lengths), arguments.corpus, arguments.languages):
            pass
    write_json(arguments.statistics, {"lines": total, "chunks": lengths})


def write_chunks(arguments: argparse.Namespace, lengths: Sequence[int], corpus: Path, language: str) -> None:
    with read_ahead(read_texts(corpus)) as texts:
        remaining = Remaining(texts)
        for number, length in enumerate(lengths, start=1):
            with open_output(arguments.output_dir / f"{arguments.prefix}.{number}.{language}.zst") as stream:
                for text in remaining.take(length):
                    stream.write(text)


class Remaining:
    """Texts of whole lines from which any number of lines may be taken at a time."""

    def __init__(self, texts: Iterator[bytes]) -> None:
        self.texts = texts
        self.begun = b""

    def take(self, lines: int) -> Iterator[bytes]:
        """The text of the next so many lines, of which there are at least as many."""
        while lines:
            text = self.begun or next(self.texts)
            found = text.count(b"\n")
            end = len(text) if found <= lines else line_end(text, lines)
            self.begun = text[end:]
            lines -= min(found, lines)
            yield text[:end]


def line_end(text: bytes, number: int) -> int:
    """Where the line of a number, counted from 1, ends."""
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
