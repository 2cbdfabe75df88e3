"""Filters that see more than a row, or make more than one of it."""

from collections.abc import Callable, Sequence
from itertools import takewhile

from pipeline.clean.opuscleaner.filters import Definition, Row, RowsFunction, Scope
from pipeline.clean.opuscleaner.parameters import PRINTS, Flag, LanguageOf, Number
from pipeline.clean.sentence_ends import sentence_splitter
from pipeline.common.languages import Language


def split_sentences(languages: Sequence[Language], lang1: Language, lang2: Language | None, keepunbalanced: bool) -> RowsFunction:
    """Makes a row of each sentence; rows whose sides have different numbers are dropped or, with KEEPUNBALANCED, kept as they are.

    Sentences end where sentence_ends.py says. OpusCleaner uses the rules of Europarl, which are for European languages.
    """
    splitters = [sentence_splitter(language) for language in (lang1, lang2) if language is not None]

    def split(row: Row) -> list[Row]:
        sides = [splitter(line) for splitter, line in zip(splitters, row, strict=True)]
        if len(set(map(len, sides))) == 1:
            return list(zip(*sides, strict=True))
        return [row] if keepunbalanced else []

    return lambda rows: list(map(split, rows))


def strip_suffix(language: Language, minlen: int, minocc: int) -> Callable[[list[str]], list[str]]:
    """Takes off an ending of at least MINLEN characters that MINOCC lines in a row have in common, and those after them that have it too.

    Seen are the lines of a batch. OpusCleaner, where it works on several columns, mixes their lines.
    """

    def strip(lines: list[str]) -> list[str]:
        stripped = list(lines)
        suffix, begin = "", 0  # of what is in common now; where the lines begin that may have another
        for number, line in enumerate(lines):
            if suffix and line.endswith(suffix):
                stripped[number] = line[: -len(suffix)]
            elif suffix:
                suffix, begin = "", number
            elif number - begin + 1 >= minocc:
                window = range(number - minocc + 1, number + 1)
                common = common_suffix([lines[place] for place in window])
                if len(common) >= minlen:
                    suffix = common
                    for place in window:
                        stripped[place] = lines[place][: -len(suffix)]
        return stripped

    return strip


def common_suffix(lines: Sequence[str]) -> str:
    characters = zip(*(reversed(line) for line in lines), strict=False)
    same = takewhile(lambda column: len(set(column)) == 1, characters)
    return "".join(column[0] for column in same)[::-1]


SENTENCE_FILTERS = (
    Definition(
        "split_sentences",
        Scope.ROW,
        split_sentences,
        {"LANG1": LanguageOf(side=0), "LANG2": LanguageOf(side=1), "KEEPUNBALANCED": Flag()},
        several=True,
    ),
    Definition(
        "strip_suffix",
        Scope.COLUMN,
        strip_suffix,
        {"MINLEN": Number(default=4, minimum=1, whole=True), "MINOCC": Number(default=10, minimum=2, whole=True), "COUNT": PRINTS},
        several=True,
    ),
)
