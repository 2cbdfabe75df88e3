"""Puts parallel datasets together: no line of held-out text, no target line twice, in random order.

What stands first wins: the datasets go by name, and of all pairs with the same target line the first is kept. One target is enough: many
sources for one target are, in data from the web, many bad translations and one good one.
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

BATCH = 20_000  # pairs


@dataclass
class Merged:
    """What became of a dataset's pairs: in = leaked + duplicates + kept."""

    lines: int = 0
    leaked: int = 0
    duplicates: int = 0
    kept: int = 0


class Merger:
    """Filters datasets one after the other; `seen` are the target lines of all before, 8 bytes each."""

    def __init__(self, held_out: HeldOut) -> None:
        self.held_out = held_out
        self.seen = SeenHashes()

    def pairs(self, corpus: Corpus, counts: Merged) -> Iterator[tuple[str, str]]:
        """The pairs of `corpus` that stay; `counts` is filled on the way."""
        for batch in batches(progress(read_parallel(*corpus.paths), corpus.name), BATCH):
            src_lines, trg_lines = ([row[side] for row in batch] for side in (0, 1))
            clean = np.flatnonzero(~self.held_out.leaked(src_lines, trg_lines))
            first = self.seen.add(hash_lines(trg_lines)[clean])
            counts.lines += len(batch)
            counts.leaked += len(batch) - len(clean)
            counts.duplicates += len(clean) - int(first.sum())
            for number in clean[first]:
                counts.kept += 1
                yield src_lines[number], trg_lines[number]


def merge(arguments: argparse.Namespace) -> dict[str, object]:
    """Does what a script's arguments ask for; returns the statistics."""
    corpora = find_corpora(arguments.corpora, arguments.src, arguments.trg)
    held_out = HeldOut(arguments.held_out, arguments.src, arguments.trg)
    merger = Merger(held_out)
    counts = {corpus.name: Merged() for corpus in corpora}

    input_bytes = sum(path.stat().st_size for corpus in corpora for path in corpus.paths)
    with scratch_folder(arguments.output[0], "merge", arguments.work_dir) as folder:
        shuffle = Shuffle(folder, input_bytes, arguments.seed)
        with shuffle:
            for corpus in corpora:
                for pair in merger.pairs(corpus, counts[corpus.name]):
                    shuffle.add(*pair)
        with open_parallel_output(*arguments.output) as writer:
            for row in islice(shuffle.rows(), arguments.max_sentences):
                writer.write(*row)

    if writer.lines == 0:
        raise StepError(f"{arguments.corpora}: nothing is left of {len(corpora)} datasets: {counts}")
    total = {name: sum(asdict(each)[name] for each in counts.values()) for name in asdict(Merged())}
    return {
        "datasets": {name: asdict(each) for name, each in counts.items()},
        "total": total | {"written": writer.lines, "over-the-cap": total["kept"] - writer.lines},
        "held-out": {side: len(hashes) for side, hashes in zip(("src", "trg"), held_out.sides, strict=True)},
    }
