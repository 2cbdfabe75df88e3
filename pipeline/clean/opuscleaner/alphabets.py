"""Filters by which letters a line is written with."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache

import regex

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope, keep_lines
from pipeline.clean.opuscleaner.parameters import PRINTS, Flag, ForEachColumn, LanguageOf, Text, share
from pipeline.common.languages import Language
from pipeline.common.script import StepError

NO_LETTERS = regex.compile(r"\P{Alphabetic}+")
SPACES = regex.compile(r"\s+")


@cache
def letters_of(language: Language) -> "regex.Pattern[str]":
    """A letter or combining mark of the language's script."""
    return regex.compile(rf"[[{language.characters}]&&[\p{{L}}\p{{M}}]]", regex.VERSION1)


def alpha_ratio(
    languages: Sequence[Language],
    lang1: Language,
    lang2: Language | None,
    srcwordrat: float,
    trgwordrat: float,
    srcalpharat: float,
    trgalpharat: float,
) -> RowFunction:
    """Keeps rows in whose lines enough words begin with a letter of the language, and enough characters (but blanks) are such letters.

    The letters are those of the language's script: OpusCleaner has the alphabets of CLDR, by which é is no letter of English. Empty lines
    are dropped.
    """
    checks = [enough_letters(lang1, srcwordrat, srcalpharat)]
    if lang2 is not None:
        checks.append(enough_letters(lang2, trgwordrat, trgalpharat))

    def apply(row: Row) -> Row | None:
        return row if all(check(line) for check, line in zip(checks, row, strict=True)) else None

    return apply


def enough_letters(language: Language, of_words: float, of_characters: float) -> Callable[[str], bool]:
    letter = letters_of(language)

    def keeps(line: str) -> bool:
        text = unicodedata.normalize("NFC", line.strip())
        words = text.split()
        if not words or sum(letter.match(word) is not None for word in words) < of_words * len(words):
            return False
        return len(letter.findall(text)) >= of_characters * (len(text) - text.count(" "))

    return keeps


def alphabet_ratio(languages: Sequence[Language], threshold: float, exclude_whitespace: bool) -> RowFunction:
    """Keeps rows in whose lines at least this share of the characters is alphabetic, by Unicode; a line without characters passes."""

    def keeps(line: str) -> bool:
        text = SPACES.sub("", line) if exclude_whitespace else line
        return not text or len(NO_LETTERS.sub("", text)) >= threshold * len(text)

    return keep_lines(keeps)


def character_score(languages: Sequence[Language], scripts: list[str], thresholds: list[float]) -> RowFunction:
    """Keeps rows in whose lines at least this share of the letters is of the script, by column; a line without letters passes."""
    others = [not_of_script(script) for script in scripts]

    def apply(row: Row) -> Row | None:
        for line, other, threshold in zip(row, others, thresholds, strict=True):
            letters = NO_LETTERS.sub("", line)
            if letters and len(other.sub("", letters)) < threshold * len(letters):
                return None
        return row

    return apply


def not_of_script(script: str) -> "regex.Pattern[str]":
    try:
        return regex.compile(rf"\P{{Script={script}}}+")
    except regex.error:
        raise StepError(f"parameters.scripts: Unicode has no script {script!r}") from None


ALPHABET_FILTERS = (
    Definition(
        "alpha_ratio",
        Scope.ROW,
        alpha_ratio,
        {
            "LANG1": LanguageOf(side=0),
            "LANG2": LanguageOf(side=1),
            "SRCWORDRAT": share(0.4),
            "TRGWORDRAT": share(0.4),
            "SRCALPHARAT": share(0.5),
            "TRGALPHARAT": share(0.5),
            "DEBUG": PRINTS,
        },
    ),
    Definition(
        "opus.AlphabetRatioFilter",
        Scope.ROW,
        alphabet_ratio,
        {"threshold": share(0.75), "exclude_whitespace": Flag()},
    ),
    Definition(
        "opus.CharacterScoreFilter",
        Scope.ROW,
        character_score,
        {
            "scripts": ForEachColumn(values=[Text(default="Latin")] * 2),
            "thresholds": ForEachColumn(values=[share(1)] * 2),
        },
    ),
)
