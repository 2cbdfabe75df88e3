"""What is counted of a dataset's lines and pairs: batch by batch, and added up."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.analyze.characters import KINDS, Kind, character_kinds, digit_values, script_name
from pipeline.common.blocks import Block, Lines, regrouped
from pipeline.common.columns import Column, Mask, Numbers, case_folding
from pipeline.common.languages import Language
from pipeline.common.line_hashes import Hashes, SeenHashes, hash_lines
from pipeline.common.script import StepError
from pipeline.common.workers import ordered_map

BATCH = 5000  # rows

# Where the bins of the histograms begin; each ends before the next begins.
LENGTHS = {
    "words": (0, 1, 2, 3, 5, 8, 12, 16, 20, 25, 30, 40, 50, 75, 100, 150),
    "characters": (0, 1, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500),
}
RATIOS = (0, 0.1, 0.25, 0.4, 0.5, 0.67, 0.8, 0.9, 1.1, 1.25, 1.5, 2, 2.5, 4, 10)

# Each with what a line must have in it to be asked whether the pattern matches: few lines have, and that is fast to see.
ADDRESS = re.compile(r"\w://\w|\bwww\.\w|[\w.+-]@[\w-]+\.\w"), ("://", "www.", "@")
# Tags, entities, and what a program fills in: {name}, %s, %(name)s, %1.
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&#?\w+;|\{\w*\}|%[sd]\b|%\(\w+\)|%[1-9]\b"), ("<", "&", "{", "%")
# UTF-8 that was read as Windows-1252 or Latin-1.
MOJIBAKE = re.compile("[ÃÂ][\x80-\xbf€™œ]|â€|ï¿½"), ("Ã", "Â", "â€", "ï¿½")

CONTENTS = ("addresses", "broken-characters", "digits", "markup", "no-letters")
ENDS = {
    "full-stop": (Kind.FULL_STOP,),
    "question-mark": (Kind.QUESTION_MARK,),
    "exclamation-mark": (Kind.EXCLAMATION_MARK,),
    "other-punctuation": (Kind.PUNCTUATION, Kind.CLOSING),
}
# For pair_hashes: odd, and so is (MULTIPLIER - 1) / 2. Such a number near 2^64 divided by the golden ratio, as Fibonacci hashing uses.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C17)


class Histogram:
    """How many values lie in which bin."""

    def __init__(self, starts: Sequence[float]) -> None:
        self.starts = starts
        self.lines = np.zeros(len(starts), dtype=np.int64)

    def add(self, values: NDArray[np.integer[Any]] | NDArray[np.float64]) -> None:
        """Counts the values, none of which is less than the first bin's start."""
        bins = np.searchsorted(self.starts, values, side="right") - 1
        self.lines += np.bincount(bins, minlength=len(self.starts))

    def merge(self, other: "Histogram") -> None:
        self.lines += other.lines

    def describe(self) -> list[dict[str, float | None]]:
        ends = [*self.starts[1:], None]
        return [{"from": start, "to": end, "lines": int(lines)} for start, end, lines in zip(self.starts, ends, self.lines, strict=True)]


class SideCounts:
    """Of the lines of one side: `totals` of lines, empty ones, words and characters; `kinds` of characters, by number; how long the lines
    are; how many have something in them, `contents`; and how those that are not empty end.
    """

    def __init__(self, language: Language) -> None:
        self.unit = "words" if language.spaced else "characters"
        self.totals: Counter[str] = Counter()
        self.kinds = np.zeros(KINDS, dtype=np.int64)
        self.lengths = Histogram(LENGTHS[self.unit])
        self.contents = Counter(dict.fromkeys(CONTENTS, 0))
        self.ends = Counter(dict.fromkeys([*ENDS, "none"], 0))

    def letters(self) -> tuple[int, Counter[str]]:
        """The letters of the language's script, and those of other scripts by the script's name."""
        others = ((script_name(kind), int(self.kinds[kind])) for kind in range(Kind.UNNAMED_SCRIPT, KINDS))
        return int(self.kinds[Kind.LETTER]), Counter({script: letters for script, letters in others if letters})

    def merge(self, other: "SideCounts") -> None:
        self.totals.update(other.totals)
        self.kinds += other.kinds
        self.lengths.merge(other.lengths)
        self.contents.update(other.contents)
        self.ends.update(other.ends)


class Side(Column):
    """The lines of one side of a batch, and what is known of each."""

    def __init__(self, lines: Lines, language: Language) -> None:
        super().__init__(lines)
        self.language = language
        self.kinds = self.look_up(character_kinds(language))
        space = self.kinds == Kind.SPACE
        word_ends = ~space
        word_ends[:-1] &= space[1:]
        self.words = self.count(word_ends)
        self.filled: Mask = self.words > 0
        self.digits = self.count_digits()

    def count_digits(self) -> Numbers:
        """How often each line has which digit: lines by 10."""
        places = np.flatnonzero(self.kinds == Kind.DIGIT)
        values = digit_values().take(self.codes[places])
        return np.bincount(self.line_numbers(places) * 10 + values, minlength=10 * len(self)).reshape(-1, 10)

    def last_kinds(self) -> NDArray[np.uint8]:
        """The kind of each line's last character that is no space and may not follow the end of a sentence.

        CLOSING where there is no other; not to be asked of an empty line.
        """
        solid = np.flatnonzero((self.kinds != Kind.SPACE) & (self.kinds != Kind.CLOSING))
        solid = np.concatenate([[-1], solid])  # so that there is something before every line's end
        last = solid[np.searchsorted(solid, self.ends) - 1]
        return np.where(last >= self.starts, self.kinds[last], Kind.CLOSING)

    def describe(self) -> SideCounts:
        counts = SideCounts(self.language)
        totals = {"lines": len(self), "empty": np.sum(~self.filled), "words": self.words.sum(), "characters": self.lengths.sum()}
        counts.totals.update({name: int(total) for name, total in totals.items()})
        counts.kinds += np.bincount(self.kinds, minlength=KINDS)
        counts.lengths.add(self.words if counts.unit == "words" else self.lengths)
        counts.contents.update({name: int(lines.sum()) for name, lines in self.contents().items()})
        ends = np.bincount(self.last_kinds()[self.filled], minlength=KINDS)
        counts.ends.update({name: int(ends[list(kinds)].sum()) for name, kinds in ENDS.items()})
        counts.ends["none"] = int(self.filled.sum()) - counts.ends.total()
        return counts

    def contents(self) -> dict[str, Mask]:
        """Lines with something in them that matters for a training."""
        return {
            "no-letters": self.filled & (self.count(self.kinds >= Kind.LETTER) == 0),
            "digits": np.any(self.digits, axis=1),
            "addresses": self.matching(*ADDRESS),
            "markup": self.matching(*MARKUP),
            "broken-characters": self.matching(*MOJIBAKE) | self.any(self.kinds == Kind.CONTROL),
        }

    def matching(self, pattern: re.Pattern[str], texts: Sequence[str]) -> Mask:
        """For each line whether the pattern matches somewhere in it, where it does only with one of the texts."""
        lines = self.containing(texts)
        for number in np.flatnonzero(lines).tolist():
            lines[number] = pattern.search(self.text(number)) is not None
        return lines


class PairCounts:
    """Of pairs: the ratios of their sides' lengths, and `totals` of pairs whose sides are the same, or have different digits."""

    def __init__(self) -> None:
        self.ratios = Histogram(RATIOS)
        self.totals = Counter({"identical": 0, "different-digits": 0})

    def merge(self, other: "PairCounts") -> None:
        self.ratios.merge(other.ratios)
        self.totals.update(other.totals)


def count_pairs(src: Side, trg: Side) -> PairCounts:
    counts = PairCounts()
    counts.ratios.add(length_ratios(src, trg))
    counts.totals["identical"] = int(identical(src, trg).sum())
    counts.totals["different-digits"] = int((src.digits != trg.digits).any(axis=1).sum())
    return counts


def identical(src: Side, trg: Side) -> Mask:
    """Pairs whose sides are the same but for case, and not empty."""
    src_starts, trg_starts = (case_folding()[0][side.codes[side.starts]] for side in (src, trg))
    pairs = src.filled & (src_starts == trg_starts)  # the few that are worth a comparison
    for number in np.flatnonzero(pairs).tolist():
        pairs[number] = src.text(number).casefold() == trg.text(number).casefold()
    return pairs


def length_ratios(src: Side, trg: Side) -> NDArray[np.float64]:
    """Characters of the target for each of the source, weighed by how much a character says; not of pairs with an empty side."""
    both = (src.lengths > 0) & (trg.lengths > 0)
    return trg.lengths[both] / src.lengths[both] * (trg.language.density / src.language.density)


def pair_hashes(src: Hashes, trg: Hashes) -> Hashes:
    """A hash for each pair, of the hashes of its sides.

    Two pairs that differ have the same one as rarely as two lines do; a pair and its reverse once in 2^63 pairs.
    """
    return src * MULTIPLIER + trg


class BatchCounts:
    """What a process counts of a block: for each side, and of pairs.

    `hashes` are those of the lines of each side, and of pairs also those of whole pairs.
    """

    def __init__(self, block: Block, languages: Sequence[Language]) -> None:
        sides = [Side(lines, language) for lines, language in zip(block, languages, strict=True)]
        self.sides = [side.describe() for side in sides]
        self.hashes = [hash_lines(lines) for lines in block]
        self.pairs = PairCounts()
        if len(sides) == 2:
            self.hashes.append(pair_hashes(*self.hashes))
            self.pairs = count_pairs(*sides)


class Counts:
    """The counts of a dataset, added up. Memory: 8 bytes for each distinct line of a side, and of pairs for each distinct pair."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self.sides = [SideCounts(language) for language in languages]
        self.pairs = PairCounts()
        hashed = len(languages) if len(languages) == 1 else len(languages) + 1
        self.seen = [SeenHashes() for _ in range(hashed)]
        self.duplicates = [0] * hashed

    def merge(self, batch: BatchCounts) -> None:
        for side, counts in zip(self.sides, batch.sides, strict=True):
            side.merge(counts)
        self.pairs.merge(batch.pairs)
        for number, (seen, hashes) in enumerate(zip(self.seen, batch.hashes, strict=True)):
            self.duplicates[number] += len(hashes) - int(seen.add(hashes).sum())


def count_blocks(blocks: Iterable[Block], languages: Sequence[Language], threads: int) -> Counts:
    """Counts blocks of any lengths; raises StepError, naming the line, where one is not UTF-8."""
    counts = Counts(languages)
    for language in languages:
        character_kinds(language)  # made once, before there are processes that each would make it
    try:
        for batch in ordered_map(partial(BatchCounts, languages=languages), regrouped(blocks, BATCH), threads):
            counts.merge(batch)
    except UnicodeDecodeError as error:
        number = counts.sides[0].totals["lines"] + error.object[: error.start].count(b"\n") + 1
        raise StepError(f"line {number} of the corpus is not UTF-8 ({error.reason}: {error.object[error.start : error.end]!r})") from error
    return counts
