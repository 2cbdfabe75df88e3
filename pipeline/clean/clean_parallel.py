"""Cleans one parallel dataset: normalises each line, drops pairs by rules and by language identification, and drops repeated pairs.

    python3 -m pipeline.clean.clean_parallel --corpus train.en.zst train.it.zst --src en --trg it --output clean.en.zst clean.it.zst

The rules stand in rules.py, language identification in language_id.py. What is kept stays in order, and is the same for any number of
threads. Memory: 8 bytes for each distinct pair (its hash) beside a fixed amount for each thread.

Statistics: `lines.in`, `lines.out`, `dropped` by reason (in = out + all dropped), `samples` of dropped pairs by reason, `rules` as applied.
"""

import argparse
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.clean.language_id import SURENESS, LanguageIdentifier
from pipeline.clean.normalise import normalise
from pipeline.clean.rules import RULES, Check, make_checks
from pipeline.common.languages import Language, parse_language
from pipeline.common.lines import open_parallel_output, read_parallel
from pipeline.common.outputs import write_json
from pipeline.common.progress import progress
from pipeline.common.script import add_threads, base_parser, check_files, run
from pipeline.common.workers import batches, ordered_map

if TYPE_CHECKING:
    from pipeline.common.line_hashes import Hashes

BATCH = 2000  # pairs
SAMPLES = 20  # dropped pairs shown for each reason
SAMPLE_CHARACTERS = 300
LANGUAGE, DUPLICATE = "language", "duplicate"

Pair = tuple[str, ...]


@dataclass
class Dropped:
    """How many pairs were dropped for which reason, and the first of them."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[list[str]]] = field(default_factory=dict)

    def add(self, reason: str, pair: Pair) -> None:
        self.counts[reason] += 1
        shown = self.samples.setdefault(reason, [])
        if len(shown) < SAMPLES:
            shown.append([line[:SAMPLE_CHARACTERS] for line in pair])

    def merge(self, later: "Dropped") -> None:
        self.counts.update(later.counts)
        for reason, samples in later.samples.items():
            shown = self.samples.setdefault(reason, [])
            shown.extend(samples[: SAMPLES - len(shown)])


class Cleaner:
    """Everything a process needs to clean batches of one language pair."""

    def __init__(self, src: Language, trg: Language) -> None:
        self.src, self.trg = src, trg
        self.checks: list[tuple[str, Check]] = make_checks(src, trg)
        self.identifier = LanguageIdentifier()

    def clean(self, batch: list[Pair]) -> tuple[list[Pair], "Hashes", Dropped]:
        """The pairs that pass, normalised, the hash of each, and what was dropped."""
        from pipeline.common.line_hashes import hash_lines

        dropped = Dropped()
        passed: list[Pair] = []
        kept: list[Pair] = []
        for raw_src, raw_trg in batch:
            src_line, trg_line = normalise(raw_src), normalise(raw_trg)
            for name, drops in self.checks:
                if drops(src_line, trg_line):
                    dropped.add(name, (src_line, trg_line))
                    break
            else:
                passed.append((src_line, trg_line))
        src_other = self.identifier.other_language([pair[0] for pair in passed], self.src)
        trg_other = self.identifier.other_language([pair[1] for pair in passed], self.trg)
        for pair, *other in zip(passed, src_other, trg_other, strict=True):
            if any(other):
                dropped.add(LANGUAGE, pair)
            else:
                kept.append(pair)
        return kept, hash_lines("\n".join(pair) for pair in kept), dropped


# One for each process: loading the model once, and not for each batch, is what makes processes pay.
cleaner: Cleaner


def make_cleaner(src: Language, trg: Language) -> None:
    global cleaner
    cleaner = Cleaner(src, trg)


def clean_batch(batch: list[Pair]) -> tuple[list[Pair], "Hashes", Dropped]:
    return cleaner.clean(batch)


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument("--src", required=True, metavar="TAG", help="source language")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files(arguments.corpus)
    src, trg = parse_language(arguments.src), parse_language(arguments.trg)

    lines_in, lines_out, dropped = clean(arguments.corpus, src, trg, arguments.output, arguments.threads)
    if lines_out == 0:
        logging.warning("nothing is left of %s lines: %s", lines_in, dict(dropped.counts))
    statistics = {
        "lines": {"in": lines_in, "out": lines_out},
        "dropped": dropped.counts,
        "samples": dropped.samples,
        "rules": [rule.describe() for rule in RULES],
        "language-identification": [asdict(sureness) for sureness in SURENESS],
    }
    write_json(arguments.statistics, statistics)


def clean(corpus: Sequence[Path], src: Language, trg: Language, output: Sequence[Path], threads: int) -> tuple[int, int, Dropped]:
    """Returns lines in, lines out, and what was dropped."""
    from pipeline.common.line_hashes import SeenHashes

    lines_in = 0
    dropped = Dropped()
    seen = SeenHashes()
    pairs = batches(progress(read_parallel(*corpus), "cleaning"), BATCH)
    with open_parallel_output(*output) as writer:
        for kept, hashes, dropped_here in ordered_map(clean_batch, pairs, threads, make_cleaner, src, trg):
            lines_in += len(kept) + dropped_here.counts.total()
            dropped.merge(dropped_here)
            for pair, first in zip(kept, seen.add(hashes), strict=True):
                if first:
                    writer.write(*pair)
                else:
                    dropped.add(DUPLICATE, pair)
    return lines_in, writer.lines, dropped


if __name__ == "__main__":
    run(main)
