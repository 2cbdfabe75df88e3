"""Aligns the words of a parallel corpus with eflomal.

In: the two sides of the corpus, one sentence a line; optionally priors of an earlier alignment, which make that of a small or of a
synthetic corpus better. Out: one line per sentence pair in Pharaoh's format, "0-0 1-2", source token first, tokens counted from 0 as
pipeline.align.tokenize finds them; an empty line where a side has no token or more than 1,023. The two directions are symmetrized.

The corpus is aligned in batches, so that memory does not grow with it: it is that of THREADS / 2 batches, of which each runs eflomal
in both directions. Batches after the first begin with the priors given or, without any, with those of the first; written, too, are the
priors of the first. So the corpus is expected to be shuffled. A batch that is finished is not aligned again after a restart.
"""

import argparse
import shutil
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from pipeline.align.batch import ALIGNMENTS, align_pairs, load_patterns, write_pairs
from pipeline.common.languages import parse_language
from pipeline.common.lines import read_lines, read_parallel, write_lines
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, add_threads, base_parser, check_files, positive_int, run
from pipeline.common.workers import batches, ordered_map


def parser() -> argparse.ArgumentParser:
    arguments = base_parser(__doc__)
    add_threads(arguments)
    arguments.add_argument("--corpus", type=Path, nargs=2, required=True, metavar=("SRC", "TRG"))
    arguments.add_argument("--src", required=True, metavar="LANGUAGE")
    arguments.add_argument("--trg", required=True, metavar="LANGUAGE")
    arguments.add_argument("--output", type=Path, required=True, metavar="FILE", help="alignments, a line per sentence pair")
    arguments.add_argument("--priors", type=Path, metavar="FILE", help="priors to begin with")
    arguments.add_argument("--output-priors", type=Path, metavar="FILE", help="where the priors of this alignment go")
    arguments.add_argument("--batch-lines", type=positive_int, default=1_000_000, metavar="N", help="(%(default)s)")
    arguments.add_argument("--work-dir", type=Path, required=True, metavar="DIR", help="holds finished batches until all are")
    return arguments


def main(argv: Sequence[str] | None = None) -> None:
    args = parser().parse_args(argv)
    check_files([*args.corpus, *([args.priors] if args.priors else [])])
    languages = args.src, args.trg
    for language in languages:
        parse_language(language)

    folder = args.work_dir / "batches"
    cut = cut_batches(progress(read_parallel(*args.corpus), "aligning"), folder, args.batch_lines)
    first = next(cut, None)
    if first is None:
        raise StepError(f"{args.corpus[0]}: no lines, nothing to align")
    # The first batch runs alone, because the others may begin with its priors.
    own_priors = first / "priors.zst"
    align_pairs(first, languages, args.priors, own_priors)
    align = partial(align_pairs, languages=languages, priors=args.priors or own_priors)
    alignments = chain([first], ordered_map(align, cut, max(1, args.threads // 2), load_patterns, *languages))

    statistics = {"lines": 0, "lines-without-links": 0, "links": 0}
    write_lines(args.output, counted(alignments, statistics))
    if args.output_priors:
        write_lines(args.output_priors, read_lines(own_priors))
    write_json(args.statistics, statistics)
    shutil.rmtree(folder)


def cut_batches(pairs: Iterable[tuple[str, ...]], folder: Path, size: int) -> Iterator[Path]:
    """Writes every `size` pairs to a folder of their own, unless an earlier run has left their alignments there."""
    for number, batch in enumerate(batches(pairs, size)):
        batch_folder = folder / f"{number:05}"
        if not (batch_folder / ALIGNMENTS).exists():
            write_pairs(batch_folder, batch)
        yield batch_folder


def counted(folders: Iterable[Path], statistics: dict[str, int]) -> Iterator[str]:
    """The lines of all batches; counts them into `statistics` as they pass."""
    for folder in folders:
        for line in read_lines(folder / ALIGNMENTS):
            statistics["lines"] += 1
            statistics["lines-without-links"] += not line
            statistics["links"] += line.count("-")
            yield line


if __name__ == "__main__":
    run(main)
