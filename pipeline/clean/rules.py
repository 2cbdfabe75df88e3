"""The rules that a line or a pair of lines must pass, as data: a name, what is dropped, parameters, and the check made from them.

Most look at one line: monolingual text must pass these, and each side of a pair. The others look at both sides of a pair. A check gets
columns of lines, and asks numpy of all at once; what needs a closer look, such as a regular expression, is asked of the few lines that may
match. Lines come normalised.

Which rules and thresholds are usual: Bicleaner's hard rules (https://aclanthology.org/W18-6488), OpusFilter
(https://aclanthology.org/2020.acl-demos.20) and OpusCleaner's default filters.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.common.blocks import Lines
from pipeline.common.columns import (
    BLANK,
    DIGIT,
    FOLDING,
    FOREIGN,
    LETTER,
    MARK,
    MARKS,
    WORD,
    Codes,
    Column,
    Counts,
    Mask,
    Table,
    case_folding,
    classes,
    has,
    table_of,
)
from pipeline.common.languages import Language

Number = int | float
Check = Callable[..., Mask]  # gets a Side for each language that it looks at, and which rows are still there; says which are dropped

# A number as it is grouped somewhere: 1,234.56, 1.234,56, 1'234, 1 234, with Arabic signs, in full width.
NUMBER = re.compile(r"\d+(?:[.,'\u2019\u066b\u066c\uff0c\uff0e]\d+| \d{3}(?!\d))*")
RUN = re.compile(r"\d+")
# One that counts ten thousands and the like, or hundred thousands: the same number has other digits in English.
SCALES = "[万萬亿億兆만억조]|करोड|करोड़|कोटी|लाख|কোটি|লাখ|লক্ষ|કરોડ|લાખ|ਕਰੋੜ|ਲੱਖ|கோடி|லட்ச|కోట్ల|లక్షల|ಕೋಟಿ|ಲಕ್ಷ|കോടി|ലക്ഷ|کروڑ|لاکھ|crore|lakh"
SCALED = re.compile(rf"(?<!\d)(?<!\d[.,\u066b\u066c])\d[\d.,\u066b\u066c]*+\s?(?:{SCALES})")
YEARS = range(1000, 2100)
BUDDHIST_ERA, BUDDHIST_YEARS = 543, range(2350, 2650)  # of Thailand
MOJIBAKE = re.compile("\ufffd|[ÃÂ][\x80-\xbf€™œ]|â€|ï¿½|锟斤拷")
# Addresses of ASCII: in scripts without blanks, the sentence goes on right after them.
ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[!-~]+|</?[a-zA-Z][^<>]*>|\{\{.*?\}\}|&[a-z]+;")
SAME_CHARACTER = r"(\S)\1{%d,}"
PART_OF_WORD = rf"\w{MARKS}"  # without the marks, words of the scripts of India would be full of gaps
SAME_WORD = rf"(?<![{PART_OF_WORD}])([{PART_OF_WORD}]+)(?:[^{PART_OF_WORD}]+\1(?![{PART_OF_WORD}])){{%d,}}"
# Classes of characters beside those of columns.py: what mojibake begins with, and what addresses and markup are told by.
MOJIBAKE_START, ADDRESS_SIGN, ADDRESS_DOUBLE, FOLDS_TO_SEVERAL = (1 << bit for bit in range(8, 12))
RULE_CLASSES = [(MOJIBAKE_START, "\ufffdÃÂâï锟"), (ADDRESS_SIGN, "@<{&"), (ADDRESS_DOUBLE, "w/")]


@cache
def rule_classes(language: Language) -> Table:
    table = classes(language) | table_of(RULE_CLASSES)
    table[[code for code in FOLDING if len(chr(code).casefold()) > 1]] |= FOLDS_TO_SEVERAL
    return table


class Side(Column):
    """The lines of one side, with what several rules ask of them."""

    def __init__(self, lines: Lines, language: Language) -> None:
        super().__init__(lines)
        self.language = language

    @cached_property
    def classes(self) -> Table:
        return self.look_up(rule_classes(self.language))

    @cached_property
    def letters(self) -> Counts:
        return self.count_class(LETTER)

    @cached_property
    def foreign(self) -> Counts:
        """Letters of other scripts than the language's."""
        return self.count_class(FOREIGN)

    @cached_property
    def said(self) -> NDArray[np.floating[Any]]:
        """Letters, those of the language's own script weighed by how many Latin ones say as much."""
        return self.language.density * (self.letters - self.foreign) + self.foreign

    @cached_property
    def blanks(self) -> Counts:
        return self.count_class(BLANK) - 1  # without the line's end

    def count_class(self, bit: int) -> Counts:
        return self.count(has(self.classes, bit))

    def having(self, bit: int) -> Mask:
        """The lines with a character of a class."""
        return self.any(has(self.classes, bit))

    def select(self, lines: Mask, test: Callable[[str], object]) -> Mask:
        """Those of the marked lines whose text passes a test."""
        found = np.zeros(len(self), dtype=bool)
        for number in np.flatnonzero(lines).tolist():
            found[number] = bool(test(self.text(number)))
        return found


@dataclass(frozen=True)
class Parameter:
    """A number that a rule takes: `minimum` ≤ value ≤ `maximum`."""

    default: Number
    minimum: Number
    maximum: Number
    meaning: str


@dataclass(frozen=True)
class Rule:
    """`make` gets the parameters' values; its check gets the `sides` that it looks at, and the rows that no rule has dropped before."""

    name: str
    drops: str
    make: Callable[..., Check]
    parameters: dict[str, Parameter]
    sides: int = 1


def empty() -> Check:
    return lambda side, rows: side.lengths == 0


def too_long(max_words: int, max_characters: int) -> Check:
    def check(side: Side, rows: Mask) -> Mask:
        words = side.blanks + 1 if side.language.spaced else side.lengths / (2 if side.language.cjk else 5)
        return (side.lengths > max_characters) | (words > max_words)

    return check


def identical() -> Check:
    def check(src: Side, trg: Side, rows: Mask) -> Mask:
        # Sides that differ at most in case are of one length, and begin and end with the same letter but for case.
        alike = rows & ((src.lengths == trg.lengths) | src.having(FOLDS_TO_SEVERAL) | trg.having(FOLDS_TO_SEVERAL))
        for places in ("starts", "ends"):
            alike &= folded(src, places) == folded(trg, places)
        found = np.zeros(len(src), dtype=bool)
        for number in np.flatnonzero(alike).tolist():
            found[number] = src.text(number).casefold() == trg.text(number).casefold()
        return found

    return check


def folded(side: Side, places: str) -> Codes:
    """The first or the last character of each line, or what is first or last of it without regard to case."""
    first, last = case_folding()
    if places == "starts":
        return first[side.codes[side.starts]]
    return last[side.codes[np.maximum(side.ends - 1, 0)]]


def mojibake() -> Check:
    return lambda side, rows: side.select(rows & side.having(MOJIBAKE_START), MOJIBAKE.search)


def long_word(max_characters: int) -> Check:
    def check(side: Side, rows: Mask) -> Mask:
        if not side.language.spaced:
            return np.zeros(len(side), dtype=bool)
        gaps = np.flatnonzero(has(side.classes, BLANK))
        return side.lines_of(gaps[np.diff(gaps, prepend=-1) > max_characters + 1])

    return check


def length_ratio(max_ratio: float, slack: int) -> Check:
    def check(src: Side, trg: Side, rows: Mask) -> Mask:
        lengths = src.lengths * src.language.density + slack, trg.lengths * trg.language.density + slack
        return np.maximum(*lengths) > max_ratio * np.minimum(*lengths)

    return check


def few_letters(min_share: float) -> Check:
    def check(side: Side, rows: Mask) -> Mask:
        others = side.lengths - side.blanks - side.count_class(MARK) - side.letters
        return side.said < min_share * (side.said + others)

    return check


def other_script(min_share: float) -> Check:
    return lambda side, rows: side.said - side.foreign < min_share * side.said


def addresses(max_share: float) -> Check:
    def check(side: Side, rows: Mask) -> Mask:
        signs, doubled = has(side.classes, ADDRESS_SIGN), has(side.classes, ADDRESS_DOUBLE)
        signs[1:] |= doubled[:-1] & doubled[1:]

        def mostly(line: str) -> bool:
            found = sum(len(address) for address in ADDRESS.findall(line))
            return found > max_share * (found + side.language.density * (len(line) - found))

        return side.select(rows & side.any(signs), mostly)

    return check


def other_numbers(min_shared: float, tolerated: int) -> Check:
    def differ(src: tuple[str, Language], trg: tuple[str, Language]) -> bool:
        if RUN.findall(src[0]) == RUN.findall(trg[0]):
            return False
        (src_line, src_scaled), (trg_line, trg_scaled) = SCALED.subn(" ", src[0]), SCALED.subn(" ", trg[0])
        excused = tolerated + src_scaled + trg_scaled
        for src_numbers, trg_numbers in zip(readings(src_line, src[1]), readings(trg_line, trg[1]), strict=True):
            either, shared = src_numbers | trg_numbers, src_numbers & trg_numbers
            if len(either) - len(shared) <= excused or len(shared) >= min_shared * len(either):
                return False
        return True

    def check(src: Side, trg: Side, rows: Mask) -> Mask:
        found = np.zeros(len(src), dtype=bool)
        for number in np.flatnonzero(rows & ((src.count_class(DIGIT) > 1) | (trg.count_class(DIGIT) > 1))).tolist():
            found[number] = differ((src.text(number), src.language), (trg.text(number), trg.language))
        return found

    return check


def readings(line: str, language: Language) -> Iterator[set[str]]:
    """The numbers of two and more digits in a line, as they may be meant: grouped, such as 12 500; each run of digits by itself, as in
    24/12/2020 and 18.30; the same with years by their last two digits, as in the '80s, those of the Buddhist era among them."""
    grouped, runs = ([digits(number) for number in pattern.findall(line)] for pattern in (NUMBER, RUN))
    for numbers in (grouped, runs, [short_year(number, language.code == "th") for number in runs]):
        yield {number for number in (number.lstrip("0") for number in numbers) if len(number) > 1}


def digits(number: str) -> str:
    """A number without the signs that group it, in ASCII digits."""
    return "".join(str(int(character)) for character in number if character.isdecimal())


def short_year(number: str, buddhist: bool) -> str:
    if len(number) != 4:
        return number
    year = int(number) - (BUDDHIST_ERA if buddhist and int(number) in BUDDHIST_YEARS else 0)
    return str(year)[-2:] if year in YEARS else number


def repetitive(max_same_characters: int, max_same_words: int) -> Check:
    characters, words = re.compile(SAME_CHARACTER % max_same_characters), re.compile(SAME_WORD % max_same_words)

    def check(side: Side, rows: Mask) -> Mask:
        suspects = repeated_characters(side, max_same_characters) | repeated_words(side, max_same_words)
        return side.select(rows & suspects, lambda line: characters.search(line) or words.search(line))

    return check


def repeated_characters(side: Side, times: int) -> Mask:
    """Lines in which a character is followed by itself so many times."""
    same = side.codes[1:] == side.codes[:-1]
    reach = 1
    while reach < times:
        step = min(reach, times - reach)
        same = same[:-step] & same[step:]
        reach += step
    return side.lines_of(np.flatnonzero(same))


def repeated_words(side: Side, times: int) -> Mask:
    """Lines in which a word may be followed by itself so many times: by one as long that begins and ends alike."""
    word = np.concatenate([[False], has(side.classes, WORD | MARK)])
    edges = np.flatnonzero(word[1:] != word[:-1])
    starts, ends = edges[::2], edges[1::2]
    alike = np.ones(max(len(starts) - times, 0), dtype=bool)
    for looks in (side.codes[starts], side.codes[ends - 1], ends - starts, np.searchsorted(side.ends, starts)):
        same = looks[1:] == looks[:-1]
        for shift in range(times):
            alike &= same[shift : len(same) - times + 1 + shift]
    return side.lines_of(starts[: len(alike)][alike])


SHARE = (0.0, 1.0)
MANY = 1_000_000

# In this order; a row counts under the first rule that drops it. The lengths stand before what looks at each character.
RULES = (
    Rule("empty", "a line with nothing on it", empty, {}),
    Rule(
        "too-long",
        "a line with too many words or characters",
        too_long,
        {
            "max_words": Parameter(150, 1, MANY, "words; where no blanks part them, half the characters (Thai and the like: a fifth)"),
            "max_characters": Parameter(1500, 1, MANY, "characters"),
        },
    ),
    Rule("identical", "sides that differ at most in case", identical, {}, sides=2),
    Rule("mojibake", "text that was decoded with the wrong character set, and could not be repaired", mojibake, {}),
    Rule(
        "long-word",
        "a line with a word of too many characters",
        long_word,
        {"max_characters": Parameter(80, 1, MANY, "characters between blanks; not in scripts without blanks")},
    ),
    Rule(
        "length-ratio",
        "sides of too different length",
        length_ratio,
        {
            "max_ratio": Parameter(2.5, 1, MANY, "of the longer side to the shorter, in characters, weighed by how much one says"),
            "slack": Parameter(15, 0, MANY, "characters added to both sides, so that short ones may differ more"),
        },
        sides=2,
    ),
    Rule(
        "few-letters",
        "a line with too small a share of letters",
        few_letters,
        {"min_share": Parameter(0.5, *SHARE, "letters of all characters but blanks and marks; letters of Chinese and the like weigh more")},
    ),
    Rule(
        "other-script",
        "a line with too few of its letters in its language's script",
        other_script,
        {"min_share": Parameter(0.25, *SHARE, "letters of the script of all letters; those of Chinese and the like weigh more")},
    ),
    Rule(
        "addresses",
        "a line that is mostly URLs, mail addresses or markup",
        addresses,
        {"max_share": Parameter(0.5, *SHARE, "of the characters; those of Chinese and the like weigh more")},
    ),
    Rule(
        "numbers",
        "sides with different numbers",
        other_numbers,
        {
            "min_shared": Parameter(0.5, *SHARE, "numbers of two and more digits on both sides, of those on either"),
            "tolerated": Parameter(1, 0, MANY, "numbers of one side only that say nothing yet"),
        },
        sides=2,
    ),
    Rule(
        "repetition",
        "a line that repeats a character or a word too often in a row",
        repetitive,
        {
            "max_same_characters": Parameter(9, 1, 1000, "times that a character may follow itself"),
            "max_same_words": Parameter(3, 1, 1000, "times that a word may follow itself"),
        },
    ),
)
