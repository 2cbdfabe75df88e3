"""Cleans one dataset, monolingual or parallel: normalises each line, drops what breaks a rule or is in another language, and repetitions.

The rules stand in rules.py, language identification in language_id.py. A row is a line, or a pair of lines: a pair is dropped where either
of its sides would be. What is kept stays in order, and is the same for any number of threads.

Memory: 8 bytes for each distinct row (its hash) beside a fixed amount for each thread.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipeline.clean.language_id import SURENESS, other_language
from pipeline.clean.normalise import normalise
from pipeline.clean.rules import make_checks, rules_for
from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import Language
from pipeline.common.line_hashes import Hashes, SeenHashes, hash_lines
from pipeline.common.lines import open_parallel_output, read_parallel
from pipeline.common.progress import progress
from pipeline.common.workers import batches, ordered_map

BATCH = 2000  # rows
SAMPLES = 20  # dropped rows shown for each reason
SAMPLE_CHARACTERS = 300
LANGUAGE, DUPLICATE = "language", "duplicate"

Row = tuple[str, ...]


@dataclass
class Dropped:
    """How many rows were dropped for which reason, and the first of them."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[list[str]]] = field(default_factory=dict)

    def add(self, reason: str, row: Row) -> None:
        self.counts[reason] += 1
        shown = self.samples.setdefault(reason, [])
        if len(shown) < SAMPLES:
            shown.append([line[:SAMPLE_CHARACTERS] for line in row])

    def merge(self, later: "Dropped") -> None:
        self.counts.update(later.counts)
        for reason, samples in later.samples.items():
            shown = self.samples.setdefault(reason, [])
            shown.extend(samples[: SAMPLES - len(shown)])


class Cleaner:
    """Everything a process needs to clean batches of rows in these languages."""

    def __init__(self, *languages: Language) -> None:
        self.languages = languages
        self.checks = make_checks(*languages)
        self.identifier = LanguageIdentifier()

    def clean(self, batch: list[Row]) -> tuple[list[Row], Hashes, Dropped]:
        """The rows that pass, normalised, the hash of each, and what was dropped."""
        dropped = Dropped()
        passed: list[Row] = []
        kept: list[Row] = []
        for raw in batch:
            row = tuple(map(normalise, raw))
            for name, drops in self.checks:
                if drops(*row):
                    dropped.add(name, row)
                    break
            else:
                passed.append(row)
        sides = [other_language(self.identifier, [row[side] for row in passed], language) for side, language in enumerate(self.languages)]
        for row, *other in zip(passed, *sides, strict=True):
            if any(other):
                dropped.add(LANGUAGE, row)
            else:
                kept.append(row)
        return kept, hash_lines(map("\n".join, kept)), dropped


# One for each process: loading the model once, and not for each batch, is what makes processes pay.
cleaner: Cleaner


def make_cleaner(*languages: Language) -> None:
    global cleaner
    cleaner = Cleaner(*languages)


def clean_batch(batch: list[Row]) -> tuple[list[Row], Hashes, Dropped]:
    return cleaner.clean(batch)


def clean(corpus: Sequence[Path], languages: Sequence[Language], output: Sequence[Path], threads: int) -> dict[str, object]:
    """Cleans the sides of `corpus`, in these languages, into `output`; returns the statistics."""
    lines_in = 0
    dropped = Dropped()
    seen = SeenHashes()
    rows = batches(progress(read_parallel(*corpus), "cleaning"), BATCH)
    with open_parallel_output(*output) as writer:
        for kept, hashes, dropped_here in ordered_map(clean_batch, rows, threads, make_cleaner, *languages):
            lines_in += len(kept) + dropped_here.counts.total()
            dropped.merge(dropped_here)
            for row, first in zip(kept, seen.add(hashes), strict=True):
                if first:
                    writer.write(*row)
                else:
                    dropped.add(DUPLICATE, row)
    if writer.lines == 0:
        logging.warning("nothing is left of %s lines: %s", lines_in, dict(dropped.counts))
    return {
        "lines": {"in": lines_in, "out": writer.lines},
        "dropped": dropped.counts,
        "samples": dropped.samples,
        "rules": [rule.describe() for rule in rules_for(*languages)],
        "language-identification": [asdict(sureness) for sureness in SURENESS],
    }
