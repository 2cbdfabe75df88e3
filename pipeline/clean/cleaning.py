"""Cleans one dataset, monolingual or parallel: normalises each line, drops what breaks a rule or is in another language, and repetitions.

Which filters there are stands in filters.py. A row is a line, or a pair of lines: a pair is dropped where either of its sides would be.
What is kept stays in order, and is the same for any number of threads.

Rows are cleaned in batches, by a process for each thread, and written in parts: a run that was killed finds the parts that it finished, and
goes on after the last of them. The result is the parts' compressed files, one after the other.

Memory: 8 bytes for each distinct row (its hash) beside a fixed amount for each thread.
"""

import logging
from collections.abc import Iterable, Sequence
from itertools import compress, islice
from pathlib import Path

import numpy as np

from pipeline.clean.filters import DUPLICATE, LANGUAGE, SENTENCES, Filters, each_side
from pipeline.clean.language_id import LanguageCheck
from pipeline.clean.normalise import Normaliser
from pipeline.clean.opuscleaner.filters import apply_filters
from pipeline.clean.parts import Part, Parts
from pipeline.clean.rules import Side
from pipeline.clean.sentences import SentenceSplitter
from pipeline.common.blocks import Block, Packed, as_line, packed, read_parallel_blocks, regrouped
from pipeline.common.dropped import Dropped
from pipeline.common.line_hashes import Hashes, SeenHashes, hash_rows
from pipeline.common.progress import block_progress
from pipeline.common.scratch import scratch_folder
from pipeline.common.workers import ordered_map

BATCH = 2000  # rows
PART = 500  # batches

Row = tuple[str, ...]
Result = tuple[Packed, Hashes, Dropped]


class Cleaner:
    """Everything a process needs to clean batches of rows."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.row_filters = filters.row_filters()
        self.normalisers = [Normaliser(language, filters.rewritings) for language in filters.languages]
        values = filters.values
        self.splitter = SentenceSplitter(filters.languages[0], values[SENTENCES]["min_characters"]) if SENTENCES in values else None
        self.checks = filters.checks()
        if LANGUAGE in values:
            self.checks.append(
                (LANGUAGE, each_side(LanguageCheck(values[LANGUAGE]["min_letters"], values[LANGUAGE]["min_probability"]).other_language))
            )
        self.shown = Dropped()

    def clean(self, batch: Block) -> tuple[Block, Hashes, Dropped]:
        """The rows that pass, normalised, the hash of each, and what was dropped."""
        dropped = Dropped(rows=len(batch[0]))
        if self.row_filters:
            batch = self.filter_rows(batch, dropped)
        texts = [normaliser.lines(lines) for normaliser, lines in zip(self.normalisers, batch, strict=True)]
        if self.splitter:
            split = self.splitter.lines(texts[0])
            dropped.split += len(split) - len(texts[0])
            texts = [split]
        sides = [Side(lines, language) for lines, language in zip(texts, self.filters.languages, strict=True)]
        left = np.ones(len(sides[0]), dtype=bool)
        for name, check in self.checks:
            broken = left & check(sides, left)
            dropped.add(name, broken, texts)
            left &= ~broken
        marked = left.tolist()
        kept = tuple(list(compress(lines, marked)) for lines in texts)
        return kept, hash_rows(kept), dropped.news(self.shown)

    def filter_rows(self, batch: Block, dropped: Dropped) -> Block:
        """What filters that look at rows of text leave of the batch."""
        out: dict[str, list[Row]] = {}
        rows = list(zip(*([line.decode("utf-8", "replace") for line in lines] for lines in batch), strict=True))
        kept = apply_filters(self.row_filters, rows, lambda name, row: out.setdefault(name, []).append(row))
        for name, gone in out.items():
            dropped.add(name, np.ones(len(gone), dtype=bool), as_sides(gone, len(batch)))
        dropped.split = len(kept) + dropped.counts.total() - len(rows)
        return as_sides(kept, len(batch))


def as_sides(rows: Sequence[Row], sides: int) -> Block:
    return tuple([as_line(row[side]) for row in rows] for side in range(sides))


# One for each process: loading the model once, and not for each batch, is what makes processes pay.
cleaner: Cleaner


def make_cleaner(filters: Filters) -> None:
    global cleaner
    cleaner = Cleaner(filters)


def clean_batch(batch: Packed) -> Result:
    kept, hashes, dropped = cleaner.clean(batch.block())
    return packed(kept), hashes, dropped


def clean(
    corpus: Sequence[Path], output: Sequence[Path], filters: Filters, threads: int, work_dir: Path | None = None
) -> dict[str, object]:
    """Cleans the sides of `corpus` into `output`; returns the statistics."""
    with scratch_folder(output[0], "clean", work_dir) as folder:
        files = [[str(path), path.stat().st_size] for path in corpus]
        languages = [language.tag for language in filters.languages]
        parts = Parts(folder / "parts", len(corpus), [files, languages, filters.description])
        total = Cleaned(filters)
        for part in parts.finished():
            total.add_part(part)
        batches = regrouped(block_progress(read_parallel_blocks(*corpus), "cleaning"), BATCH)
        done = total.parts * PART
        if done:
            logging.info("%d rows were cleaned before, going on after them", done * BATCH)
        results = ordered_map(clean_batch, map(packed, islice(batches, done, None)), threads, make_cleaner, filters)
        while write_part(parts, total, islice(results, PART)):
            pass
        parts.join(total.parts, output)
    return total.statistics()


def write_part(parts: Parts, total: "Cleaned", results: Iterable[Result]) -> bool:
    """Writes the batches of one part; whether there were any."""
    dropped = Dropped()
    hashes: list[Hashes] = []
    with parts.write(total.parts) as writer:
        for kept, hashed, dropped_here in results:
            if total.filters.drops_duplicates:
                first = total.seen.add(hashed)
                hashes.append(hashed[first])
                if not first.all():
                    block = kept.block()
                    dropped_here.add(DUPLICATE, ~first, block)
                    marked = first.tolist()
                    kept = packed(tuple(list(compress(lines, marked)) for lines in block))
            dropped.merge(dropped_here)
            writer.write_content(kept.rows, *kept.texts)
    if dropped.rows == 0:
        return False
    part = Part(writer.lines, dropped, np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64))
    parts.finish(total.parts, part)
    total.add_part(part, new=False)
    return True


class Cleaned:
    """What all parts so far add up to."""

    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.parts = self.lines = 0
        self.dropped = Dropped()
        self.seen = SeenHashes()

    def add_part(self, part: Part, new: bool = True) -> None:
        """`new`: of a part whose hashes have not been seen yet."""
        self.parts += 1
        self.lines += part.lines
        self.dropped.merge(part.dropped)
        if new:
            self.seen.add(part.hashes)

    def statistics(self) -> dict[str, object]:
        dropped = self.dropped
        if self.lines == 0:
            logging.warning("nothing is left of %s lines: %s", dropped.rows, dict(dropped.counts))
        lines = {"in": dropped.rows, "out": self.lines} | ({"split": dropped.split} if self.filters.may_split else {})
        return {"lines": lines, **dropped.statistics(), "filters": self.filters.description}
