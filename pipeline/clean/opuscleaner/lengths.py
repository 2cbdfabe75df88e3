"""Filters by length: of lines, of words, of one side against the other. Words are what white space separates, in any language.

The filters with the prefix opus. are those of OpusFilter, https://github.com/Helsinki-NLP/OpusFilter.
"""

import math
from collections.abc import Callable, Sequence

from pipeline.clean.opuscleaner.filters import Definition, RowFunction, Scope, keep_lines, keep_pairs
from pipeline.clean.opuscleaner.parameters import PRINTS, Flag, Number, Text, share
from pipeline.common.languages import Language
from pipeline.common.script import StepError

Languages = Sequence[Language]
Length = Callable[[str], int]

UNIT = Text(default="word", choices=("word", "character", "char"))


def count_words(line: str) -> int:
    return len(line.split())


def length_in(unit: str) -> Length:
    return count_words if unit == "word" else len


def check_limits(lowest: float, highest: float) -> None:
    if lowest > highest:
        raise StepError(f"the lowest length, {lowest:g}, is over the highest, {highest:g}: nothing would be kept")


def remove_empty_lines(languages: Languages) -> RowFunction:
    """Keeps rows with something on each line."""
    return keep_lines(lambda line: bool(line.strip()))


def max_length(languages: Languages, maxlength: int, minlength: int) -> RowFunction:
    """Keeps rows whose lines have from MINLENGTH to MAXLENGTH words."""
    check_limits(minlength, maxlength)
    return keep_lines(lambda line: minlength <= count_words(line) <= maxlength)


def max_word_length(languages: Languages, maxwordlength: int) -> RowFunction:
    """Keeps rows without a word of more than MAXWORDLENGTH characters; only blanks separate words here."""
    return keep_lines(lambda line: len(line) <= maxwordlength or max(map(len, line.split(" "))) <= maxwordlength)


def src_trg_ratio(languages: Languages, ratio: float, log: bool) -> RowFunction:
    """Keeps pairs whose shorter side has at least RATIO of the words of the longer; with LOG of the logarithm of one more than these.

    Pairs with an empty side are dropped; OpusCleaner stops with a division by zero where it is the target.
    """

    def keeps(src: str, trg: str) -> bool:
        shorter, longer = sorted((count_words(src), count_words(trg)))
        if shorter == 0:
            return False
        return math.log(shorter + 1) >= ratio * math.log(longer + 1) if log else shorter >= ratio * longer

    return keep_pairs(keeps)


def opus_length(languages: Languages, min_length: int, max_length: int, unit: str, pass_empty: bool) -> RowFunction:
    """Keeps rows with all lengths in these limits; with `pass_empty`, those with nothing but empty lines too."""
    check_limits(min_length, max_length)
    return lengths_within(length_in(unit), min_length, max_length, pass_empty)


def average_word_length(languages: Languages, min_length: int, max_length: int, pass_empty: bool) -> RowFunction:
    """As opus_length, for the characters that the words of a line have on average."""

    def average(line: str) -> float:
        words = line.split()
        return sum(map(len, words)) / len(words) if words else 0

    check_limits(min_length, max_length)
    return lengths_within(average, min_length, max_length, pass_empty)


def lengths_within(length: Callable[[str], float], lowest: float, highest: float, pass_empty: bool) -> RowFunction:
    within = keep_lines(lambda line: lowest <= length(line) <= highest)
    return lambda row: row if pass_empty and not any(map(length, row)) else within(row)


def length_ratio(languages: Languages, threshold: float, unit: str) -> RowFunction:
    """Keeps pairs whose longer side is less than `threshold` times as long as the other. Two empty sides have the ratio 0."""
    length = length_in(unit)

    def keeps(src: str, trg: str) -> bool:
        shorter, longer = sorted((length(src), length(trg)))
        return (longer == 0 and threshold > 0) or longer < threshold * shorter

    return keep_pairs(keeps)


def long_word(languages: Languages, threshold: int) -> RowFunction:
    """Keeps rows whose words all have fewer characters than `threshold`."""
    return keep_lines(lambda line: len(line) < threshold or max(map(len, line.split()), default=0) < threshold)


LENGTH_FILTERS = (
    Definition("remove_empty_lines", Scope.ROW, remove_empty_lines),
    Definition(
        "max_length",
        Scope.ROW,
        max_length,
        {"MAXLENGTH": Number(default=150, minimum=0, whole=True), "MINLENGTH": Number(default=1, minimum=0, whole=True)},
    ),
    Definition("max_word_length", Scope.ROW, max_word_length, {"MAXWORDLENGTH": Number(default=150, minimum=0, whole=True)}),
    Definition(
        "src_trg_ratio",
        Scope.PAIR,
        src_trg_ratio,
        {"RATIO": share(0.6), "LOG": Flag(), "DEBUG": PRINTS},
    ),
    Definition(
        "opus.LengthFilter",
        Scope.ROW,
        opus_length,
        {
            "min_length": Number(default=1, whole=True),
            "max_length": Number(default=100, minimum=0, whole=True),
            "unit": UNIT,
            "pass_empty": Flag(),
        },
    ),
    Definition(
        "opus.AverageWordLengthFilter",
        Scope.ROW,
        average_word_length,
        {"min_length": Number(default=1), "max_length": Number(default=100, minimum=0), "pass_empty": Flag()},
    ),
    Definition("opus.LengthRatioFilter", Scope.PAIR, length_ratio, {"threshold": Number(default=3, minimum=0), "unit": UNIT}),
    Definition("opus.LongWordFilter", Scope.ROW, long_word, {"threshold": Number(default=40, minimum=0, whole=True)}),
)
