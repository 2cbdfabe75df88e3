"""Puts datasets together, monolingual or parallel: no line of held-out text, no line twice, in random order.

What stands first wins: the datasets go by name, and of all rows with the same last line the first is kept. That is the line itself of
monolingual text, and of a pair the target. One target is enough: many sources for one target are, in data from the web, many bad
translations and one good one.
"""

import argparse
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np

from pipeline.common.line_hashes import SeenHashes, hash_lines
from pipeline.common.lines import open_parallel_output, read_parallel
from pipeline.common.progress import progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError
from pipeline.common.workers import batches
from pipeline.merge.corpora import Corpus, find_corpora
from pipeline.merge.held_out import HeldOut
from pipeline.merge.shuffle import Shuffle

BATCH = 20_000  # rows


@dataclass
class Merged:
    """What became of a dataset's rows: in = leaked + duplicates + kept."""

    lines: int = 0
    leaked: int = 0
    duplicates: int = 0
    kept: int = 0


class Merger:
    """Filters datasets one after the other; `seen` are the last lines of all rows before, 8 bytes each."""

    def __init__(self, held_out: HeldOut) -> None:
        self.held_out = held_out
        self.seen = SeenHashes()

    def rows(self, corpus: Corpus, counts: Merged) -> Iterator[tuple[str, ...]]:
        """The rows of `corpus` that stay; `counts` is filled on the way."""
        for batch in batches(progress(read_parallel(*corpus.paths), corpus.name), BATCH):
            sides = list(zip(*batch, strict=True))
            clean = np.flatnonzero(~self.held_out.leaked(*sides))
            first = self.seen.add(hash_lines(line.encode() for line in sides[-1])[clean])
            counts.lines += len(batch)
            counts.leaked += len(batch) - len(clean)
            counts.duplicates += len(clean) - int(first.sum())
            for number in clean[first]:
                counts.kept += 1
                yield batch[number]


def merge(arguments: argparse.Namespace, *languages: str) -> dict[str, object]:
    """Does what a script's arguments ask for with datasets in these languages; returns the statistics."""
    corpora = find_corpora(arguments.corpora, *languages)
    held_out = HeldOut(arguments.held_out, *languages)
    merger = Merger(held_out)
    counts = {corpus.name: Merged() for corpus in corpora}

    input_bytes = sum(path.stat().st_size for corpus in corpora for path in corpus.paths)
    with scratch_folder(arguments.output[0], "merge", arguments.work_dir) as folder:
        shuffle = Shuffle(folder, len(languages), input_bytes, arguments.seed)
        with shuffle:
            for corpus in corpora:
                for row in merger.rows(corpus, counts[corpus.name]):
                    shuffle.add(*row)
        with open_parallel_output(*arguments.output) as writer:
            for row in islice(shuffle.rows(), arguments.max_sentences):
                writer.write(*row)

    if writer.lines == 0:
        raise StepError(f"{arguments.corpora}: nothing is left of {len(corpora)} datasets: {counts}")
    total = {name: sum(asdict(each)[name] for each in counts.values()) for name in asdict(Merged())}
    return {
        "datasets": {name: asdict(each) for name, each in counts.items()},
        "total": total | {"written": writer.lines, "over-the-cap": total["kept"] - writer.lines},
        "held-out": {language: len(hashes) for language, hashes in zip(languages, held_out.sides, strict=True)},
    }
