"""Puts datasets together, monolingual or parallel: no line of held-out text, no line twice, in random order.

Of all rows with the same last line one is kept: the one with the best score, of several with that score the first, where datasets go by
name. The last line is the line itself of monolingual text, and of a pair the target. One target is enough: many sources for one target are,
in data from the web, many bad translations and one good one.

A dataset's scores, from 0 to 1, lie beside it (NAME.scores.zst) where a model has scored it. A row without a score has the score 1: what is
not scored is what the training config trusts.

The datasets are read once: every row goes to the shuffle's buckets on disk, and a hash and a score of it are remembered. These tell which
rows stay, and the others are left out when the buckets are read. Memory: 14 bytes for each row of all datasets, twice that for a moment,
up to 16 for each held-out line, some 300 MB for what is worked on, and what shuffle.py says; the text itself stays on disk.
"""

import argparse
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import numpy as np

from pipeline.common.blocks import Lines, open_block_output, read_ahead
from pipeline.common.dropped import Dropped
from pipeline.common.line_hashes import Hashes, hash_lines
from pipeline.common.progress import block_progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError
from pipeline.common.texts import Mask, Text, TextBlock, read_parallel, write
from pipeline.common.workers import ordered_map_in_threads
from pipeline.merge.best_rows import Scores, best_rows
from pipeline.merge.corpora import Corpus, find_corpora
from pipeline.merge.held_out import HeldOut
from pipeline.merge.shuffle import Dealt, Drawn, Shuffle

LEAKED = -1.0  # in place of a score


@dataclass
class Merged:
    """What became of a dataset's rows: in = leaked + duplicates + kept."""

    lines: int = 0
    leaked: int = 0
    duplicates: int = 0
    kept: int = 0


@dataclass
class Looked:
    """What is remembered of each row: a hash of its last line and its score; and of leaked rows a few, by dataset."""

    hashes: list[Hashes] = field(default_factory=list)
    scores: list[Scores] = field(default_factory=list)
    leaks: Dropped = field(default_factory=Dropped)

    def best(self, threads: int) -> Mask:
        """Which rows stay; forgets their hashes and scores."""
        hashes, scores = np.concatenate(self.hashes), np.concatenate(self.scores)
        self.hashes.clear()
        self.scores.clear()
        return best_rows(hashes, scores, threads)


@dataclass(frozen=True)
class Batch:
    """Rows of a dataset, with their scores where it has any, and the buckets drawn for them."""

    rows: TextBlock
    scores: Text | None
    drawn: Drawn

    def look(self, held_out: HeldOut, shuffle: Shuffle) -> tuple[Hashes, Scores, Dealt, list[Lines]]:
        """What is remembered of the rows, what goes to the buckets, and the lines of the rows that leaked."""
        scores = np.ones(len(self.rows[0]), dtype=np.float32) if self.scores is None else parsed(self.scores)
        leaked = held_out.leaked(self.rows)
        scores[leaked] = LEAKED
        leaks = [text.filter(leaked).lines() for text in self.rows]
        return hash_lines(self.rows[-1].lines()), scores, shuffle.deal(self.rows, self.drawn), leaks


def parsed(text: Text) -> Scores:
    try:
        scores = text.numbers()
    except ValueError:
        scores = np.full(len(text), np.nan, dtype=np.float32)
    if bool(((scores >= 0) & (scores <= 1)).all()):
        return scores
    raise StepError("a score from 0 to 1 is expected on each line")


def look_through(corpus: Corpus, held_out: HeldOut, threads: int, looked: Looked, shuffle: Shuffle) -> Merged:
    """Gives all rows of a dataset to the shuffle, and finds out on the way what decides which of them stay."""
    counts = Merged()
    sides = len(corpus.paths)

    def batches() -> Iterator[Batch]:
        for block in block_progress(read_parallel(*corpus.paths, *corpus.scores), corpus.name):
            yield Batch(block[:sides], block[sides] if corpus.scores else None, shuffle.draw(len(block[0])))

    try:
        for hashes, scores, dealt, leaks in ordered_map_in_threads(lambda batch: batch.look(held_out, shuffle), batches(), threads):
            shuffle.write(dealt)
            looked.hashes.append(hashes)
            looked.scores.append(scores)
            counts.lines += len(hashes)
            looked.leaks.add_all(corpus.name, leaks)
    except StepError as error:
        raise StepError(f"{corpus.name}: {error}") from error
    counts.leaked = looked.leaks.counts[corpus.name]
    if counts.leaked:
        logging.info("%s: %d of %d rows have a held-out line and are left out", corpus.name, counts.leaked, counts.lines)
    return counts


def capped(blocks: Iterator[TextBlock], size: int | None) -> Iterator[TextBlock]:
    for block in blocks:
        if size is None:
            yield block
            continue
        yield tuple(text[:size] for text in block)
        size -= len(block[0])
        if size <= 0:
            return


def merge(arguments: argparse.Namespace, *languages: str) -> dict[str, object]:
    """Does what a script's arguments ask for with datasets in these languages; returns the statistics."""
    corpora = find_corpora(arguments.corpora, *languages)
    held_out = HeldOut(arguments.held_out, *languages)
    looked = Looked()
    counts = {}
    input_bytes = sum(path.stat().st_size for corpus in corpora for path in corpus.paths)
    with scratch_folder(arguments.output[0], "merge", arguments.work_dir) as folder:
        shuffle = Shuffle(folder, len(languages), input_bytes, arguments.seed)
        with shuffle:
            for corpus in corpora:
                counts[corpus.name] = look_through(corpus, held_out, arguments.threads, looked, shuffle)
        best = looked.best(arguments.threads)
        shuffled = capped(shuffle.blocks(best), arguments.max_sentences)
        with open_block_output(*arguments.output) as writer, read_ahead(shuffled, depth=1) as blocks:
            for block in blocks:
                write(writer, block)

    start = 0
    for count in counts.values():
        count.kept = int(best[start : start + count.lines].sum())
        count.duplicates = count.lines - count.leaked - count.kept
        start += count.lines
    if writer.lines == 0:
        raise StepError(f"{arguments.corpora}: nothing is left of {len(corpora)} datasets: {counts}")
    total = {name: sum(asdict(each)[name] for each in counts.values()) for name in asdict(Merged())}
    return {
        "datasets": {name: asdict(each) for name, each in counts.items()},
        "total": total | {"written": writer.lines, "over-the-cap": total["kept"] - writer.lines},
        "leaked-samples": looked.leaks.statistics()["samples"],
        "held-out": {language: len(hashes) for language, hashes in zip(languages, held_out.sides, strict=True)},
    }
