"""Filters whose patterns the file gives: as Python's regular expressions (OpusFilter's), or in a file of their own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope
from pipeline.clean.opuscleaner.parameters import PRINTS, FileBeside, Flag, ForEachColumn, ListOf, Number, Text
from pipeline.clean.opuscleaner.perl import REGEXP
from pipeline.clean.opuscleaner.replacement import check_line
from pipeline.clean.opuscleaner.sed import SED
from pipeline.common.languages import Language
from pipeline.common.script import StepError

FLAGS = {"A": re.ASCII, "I": re.IGNORECASE, "M": re.MULTILINE, "S": re.DOTALL, "U": re.UNICODE, "X": re.VERBOSE}
PATTERN_FILE = "remove_frequent_patterns.txt"


def compile_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise StepError(f"{pattern!r} is no regular expression: {error}") from None


def regexp_filter(languages: Sequence[Language], regexps: list[str], accept_match: bool) -> RowFunction:
    """Keeps rows of which no line has a match of its column's pattern; with `accept_match`, those of which each has one."""
    try:
        patterns = [regex.compile(pattern) for pattern in regexps]
    except regex.error as error:
        raise StepError(f"parameters.regexps: {error.pattern!r} is no regular expression: {error}") from None

    def apply(row: Row) -> Row | None:
        found = (pattern.search(line) is not None for pattern, line in zip(patterns, row, strict=True))
        return row if (all(found) if accept_match else not any(found)) else None

    return apply


def regexp_sub(language: Language, patterns: list[tuple[str, str, int, str]]) -> Callable[[str], str]:
    """Replaces what each pattern matches, in their order: all of it, or the first `count`."""
    steps = [substitution(*pattern) for pattern in patterns]

    def rewrite(line: str) -> str:
        for step in steps:
            line = step(line)
        return line

    return rewrite


def substitution(pattern: str, replacement: str, count: int, flags: str) -> Callable[[str], str]:
    value = 0
    for flag in flags:
        if flag not in FLAGS:
            raise StepError(f"parameters.patterns: there is no flag {flag!r}; there are {', '.join(FLAGS)}")
        value |= FLAGS[flag]
    expression = compile_pattern(pattern, value)
    check_line(replacement.replace(r"\n", "\n").replace(r"\r", "\r"))
    try:
        expression.sub(replacement, "")  # reads the replacement, though there is nothing to replace
    except (re.error, IndexError) as error:
        raise StepError(f"parameters.patterns: {replacement!r} is no replacement for {pattern!r}: {error}") from None
    return lambda line: expression.sub(replacement, line, count=count)


@dataclass(frozen=True)
class Removal:
    """What is replaced on both sides of a pair that matches, from its beginning: source, tab, target."""

    pattern: re.Pattern[str]
    replacement: str = ""
    pair: re.Pattern[str] | None = None


# What stands on one side only: OpenSubtitles' dash, the name of a Czech Bible, a bullet.
BULLET = re.compile("^• *")
REMOVALS = [
    Removal(re.compile("^ -")),
    Removal(re.compile(r" \(Ekumenická Bible\)")),
    Removal(BULLET, pair=re.compile(r"• *[^\t]*\t[^•]")),
    Removal(BULLET, pair=re.compile(r"[^•][^\t]*\t•")),
]


def remove_frequent_patterns(languages: Sequence[Language], pattern_file: Path | None) -> RowFunction:
    """Takes patterns out of both sides of a pair: those of OpusCleaner, or of a file of the same format beside the filter file.

    OpusCleaner leaves the brackets around the name of the Bible, which its pattern takes for a group.
    A line of it has a pattern, a tab, and what comes in its place; a third column in front is a pattern that the pair must match.
    """
    removals = REMOVALS if pattern_file is None else read_removals(pattern_file)

    def apply(row: Row) -> Row:
        pair = "\t".join(row)
        for removal in removals:
            if removal.pair is None or removal.pair.match(pair):
                row = tuple(removal.pattern.sub(removal.replacement, line) for line in row)
        return row

    return apply


def read_removals(path: Path) -> list[Removal]:
    removals = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) not in (2, 3):
            raise StepError(
                f"{path}, line {number}: has {len(columns)} columns, must have 2 (pattern, replacement) or 3 (pair before them)"
            )
        try:
            *pair, pattern = map(compile_pattern, columns[:-1])
        except StepError as error:
            raise StepError(f"{path}, line {number}: {error}") from None
        removals.append(Removal(pattern, columns[-1], *pair))
    return removals


PATTERN_FILTERS = (
    REGEXP,
    SED,
    Definition(
        "opus.RegExpFilter",
        Scope.ROW,
        regexp_filter,
        {"regexps": ForEachColumn(values=[Text(default="")] * 2), "accept_match": Flag()},
    ),
    Definition(
        "opus.RegExpSub",
        Scope.COLUMN,
        regexp_sub,
        {"patterns": ListOf(values=[Text(), Text(default=""), Number(default=0, minimum=0, whole=True), Text(default="I")])},
        all_columns=True,
    ),
    Definition(
        "remove_frequent_patterns",
        Scope.PAIR,
        remove_frequent_patterns,
        {"PATTERN_FILE": FileBeside(default=PATTERN_FILE), "DEBUG": PRINTS},
    ),
)
