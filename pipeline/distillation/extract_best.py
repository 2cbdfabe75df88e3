"""Keeps, of a teacher's n-best translations of each sentence, the one that is closest to the reference.

    python3 -m pipeline.distillation.extract_best --n-best nbest.zst --reference corpus.it.zst --output best.it.zst

This is sequence-level interpolation (Kim & Rush 2016, Sequence-Level Knowledge Distillation, https://aclanthology.org/D16-1139, section
3.3): a student learns best from translations that the teacher finds probable and that are near to what a person wrote. Closeness is the
chrF of a single sentence (pipeline/distillation/chrf.py). Among equals the teacher's favourite is kept.

The n-best list has sentences 0, 1, 2, … (pipeline/translate/n_best.py), one for each line of the reference.

Statistics: `lines`, `candidates`, `not-the-first` (lines where another candidate than the teacher's favourite was kept), `chrf`: the mean
of the sentences' scores, 0 to 100, for the `first` candidate and for the `best`.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from pipeline.common.lines import open_parallel_output, read_lines
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run
from pipeline.common.workers import batches, ordered_map
from pipeline.distillation.chrf import sentence_chrf
from pipeline.translate.n_best import read_n_best

BATCH = 500  # sentences

Texts = tuple[list[str], str]  # candidates, the teacher's favourite first, and the reference


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    add_threads(options)
    options.add_argument("--n-best", required=True, type=Path, metavar="FILE", help="candidates, as translate.py --n-best writes them")
    options.add_argument("--reference", required=True, type=Path, metavar="FILE", help="a line for each sentence")
    options.add_argument("--output", required=True, type=Path, metavar="FILE")
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([arguments.n_best, arguments.reference])

    lines = candidates = not_the_first = 0
    first_score = best_score = 0.0
    work = batches(read_texts(arguments.n_best, arguments.reference), BATCH)
    with open_parallel_output(arguments.output) as writer:
        for batch in progress(ordered_map(choose, work, arguments.threads), "choosing", unit="batches"):
            for text, number, size, first, best in batch:
                writer.write(text)
                lines += 1
                candidates += size
                not_the_first += number > 0
                first_score += first
                best_score += best

    means = {name: round(total / max(lines, 1), 3) for name, total in (("first", first_score), ("best", best_score))}
    write_json(arguments.statistics, {"lines": lines, "candidates": candidates, "not-the-first": not_the_first, "chrf": means})


def read_texts(n_best: Path, reference: Path) -> Iterator[Texts]:
    """The candidates of each sentence with its reference; raises StepError where either file ends before the other."""
    for number, (candidates, line) in enumerate(zip_longest(read_n_best(n_best), read_lines(reference))):
        if candidates is None:
            raise StepError(f"{n_best}: ends after sentence {number - 1}, but {reference} goes on at line {number + 1}")
        if line is None:
            raise StepError(f"{reference}: ends after {number} lines, but {n_best} goes on with sentence {number}")
        yield [candidate.text for candidate in candidates], line


def choose(batch: list[Texts]) -> list[tuple[str, int, int, float, float]]:
    """For each sentence: the best text, its place among the candidates, how many there were, the score of the first and of the best."""
    chosen = []
    for candidates, reference in batch:
        texts = list(dict.fromkeys(candidates))
        scores = dict(zip(texts, sentence_chrf(texts, reference), strict=True))
        best = max(scores, key=lambda text: scores[text])
        chosen.append((best, candidates.index(best), len(candidates), scores[candidates[0]], scores[best]))
    return chosen


if __name__ == "__main__":
    run(main)
