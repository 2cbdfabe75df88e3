"""What is counted of a dataset's lines and pairs: batch by batch, and added up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from pipeline.common.languages import Language
from pipeline.common.letters import LETTERS, count, foreign_letters
from pipeline.common.line_hashes import SeenHashes, hash_lines
from pipeline.common.workers import batches, ordered_map

BATCH = 2000  # rows

# Where the bins of the histograms begin; each ends before the next begins.
LENGTHS = {
    "words": (0, 1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 75, 100, 150),
    "characters": (0, 1, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500),
}
RATIOS = (0, 0.1, 0.25, 0.4, 0.5, 0.67, 0.8, 0.9, 1.1, 1.25, 1.5, 2, 2.5, 4, 10)

Row = tuple[str, ...]


class Histogram:
    """How many values lie in which bin."""

    def __init__(self, starts: Sequence[float]) -> None:
        self.starts = starts
        self.lines = np.zeros(len(starts), dtype=np.int64)

    def add(self, values: Iterable[float]) -> None:
        """Counts the values, none of which is less than the first bin's start."""
        bins = np.searchsorted(self.starts, np.fromiter(values, dtype=np.float64), side="right") - 1
        self.lines += np.bincount(bins, minlength=len(self.starts))

    def merge(self, other: "Histogram") -> None:
        self.lines += other.lines

    def describe(self) -> list[dict[str, float | None]]:
        ends = [*self.starts[1:], None]
        return [{"from": start, "to": end, "lines": int(lines)} for start, end, lines in zip(self.starts, ends, self.lines, strict=True)]


class SideCounts:
    """Of the lines of one side: `totals` of lines, empty ones, words, characters and letters, and how long the lines are."""

    def __init__(self, language: Language) -> None:
        self.unit = "words" if language.spaced else "characters"
        self.totals: Counter[str] = Counter()
        self.lengths = Histogram(LENGTHS[self.unit])

    def merge(self, other: "SideCounts") -> None:
        self.totals.update(other.totals)
        self.lengths.merge(other.lengths)


def count_lines(lines: Sequence[str], language: Language) -> SideCounts:
    foreign = foreign_letters(language)
    words = [len(line.split()) for line in lines]
    characters = list(map(len, lines))
    counts = SideCounts(language)
    counts.lengths.add(words if counts.unit == "words" else characters)
    counts.totals.update(
        {
            "lines": len(lines),
            "empty": words.count(0),
            "words": sum(words),
            "characters": sum(characters),
            "letters": sum(count(LETTERS, line) for line in lines),
            "foreign-letters": sum(count(foreign, line) for line in lines),
        }
    )
    return counts


def length_ratios(pairs: Iterable[Row], src: Language, trg: Language) -> Iterator[float]:
    """Characters of the target for each of the source, weighed by how much a character says; not of pairs with an empty side."""
    weight = trg.density / src.density
    return (len(trg_line) / len(src_line) * weight for src_line, trg_line in pairs if src_line and trg_line)


class BatchCounts:
    """What a process counts of a batch of rows: for each side, and of pairs the ratios of lengths.

    `hashes` are those of the lines of each side, and of pairs also those of whole pairs.
    """

    def __init__(self, rows: Sequence[Row], languages: Sequence[Language]) -> None:
        columns = list(zip(*rows, strict=True))
        self.sides = [count_lines(lines, language) for lines, language in zip(columns, languages, strict=True)]
        self.hashes = [hash_lines(line.encode() for line in lines) for lines in columns]
        self.ratios = Histogram(RATIOS)
        if len(languages) == 2:
            self.hashes.append(hash_lines("\n".join(row).encode() for row in rows))
            self.ratios.add(length_ratios(rows, *languages))


class Counts:
    """The counts of a dataset, added up. Memory: 8 bytes for each distinct line of a side, and of pairs for each distinct pair."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self.sides = [SideCounts(language) for language in languages]
        self.ratios = Histogram(RATIOS)
        hashed = len(languages) if len(languages) == 1 else len(languages) + 1
        self.seen = [SeenHashes() for _ in range(hashed)]
        self.duplicates = [0] * hashed

    def merge(self, batch: BatchCounts) -> None:
        for side, counts in zip(self.sides, batch.sides, strict=True):
            side.merge(counts)
        self.ratios.merge(batch.ratios)
        for number, (seen, hashes) in enumerate(zip(self.seen, batch.hashes, strict=True)):
            self.duplicates[number] += len(hashes) - int(seen.add(hashes).sum())


def count_rows(rows: Iterable[Row], languages: Sequence[Language], threads: int) -> Counts:
    counts = Counts(languages)
    for batch in ordered_map(partial(BatchCounts, languages=languages), batches(rows, BATCH), threads):
        counts.merge(batch)
    return counts
