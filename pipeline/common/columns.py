"""Lines as columns of numbers: what is asked of every character of a corpus is asked of thousands of lines at a time.

A column holds the code points of its lines one after the other. A table says for every code point which classes of characters it belongs
to; looked up once, the classes are counted line by line with numpy, some hundred times faster than with a regular expression for each line.
"""

import re
from collections.abc import Iterable
from functools import cache, cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.common.blocks import Lines, joined
from pipeline.common.languages import Language

CODE_POINTS = 0x110000
LINE_BREAK = ord("\n")

Codes = NDArray[np.uint32]
Counts = NDArray[np.int32]
Numbers = NDArray[np.intp]
Mask = NDArray[np.bool_]
Table = NDArray[np.uint16]
Value = TypeVar("Value", bound=np.generic)

# Classes, each a bit. Letters are those of LETTERS in letters.py.
LETTER, FOREIGN, MARK, DIGIT, WORD, BLANK = (1 << bit for bit in range(6))


def code_points(text: bytes) -> Codes:
    """Raises UnicodeDecodeError where the text is not UTF-8."""
    return np.frombuffer(text.decode("utf-8").encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def line_starts(ends: Numbers) -> Numbers:
    """Where each line begins, from where its line break is."""
    return np.concatenate([np.zeros(min(len(ends), 1), dtype=ends.dtype), ends[:-1] + 1])


class Column:
    """Lines of UTF-8 without "\\n" inside; raises UnicodeDecodeError where they are not UTF-8."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.codes = code_points(joined(lines))
        self.ends = np.flatnonzero(self.codes == LINE_BREAK)
        self.starts = line_starts(self.ends)

    def __len__(self) -> int:
        return len(self.lines)

    @cached_property
    def lengths(self) -> Counts:
        """Code points of each line."""
        return (self.ends - self.starts).astype(np.int32)

    def text(self, number: int) -> str:
        return self.lines[number].decode("utf-8")

    def look_up(self, table: NDArray[Value]) -> NDArray[Value]:
        """What a table says of each character, such as its classes, and of the line break after each line."""
        return np.take(table, self.codes, mode="clip")

    def count(self, characters: Mask) -> Counts:
        """How many of the marked characters each line has."""
        if not len(self):
            return np.zeros(0, dtype=np.int32)
        return np.add.reduceat(characters.view(np.uint8), self.starts, dtype=np.int32)

    def any(self, characters: Mask) -> Mask:
        """Which lines have one of the marked characters; made for rare ones, where it is faster than to count."""
        return self.lines_of(np.flatnonzero(characters))

    def lines_of(self, places: Numbers) -> Mask:
        """Which lines the characters at these places are in."""
        found = np.zeros(len(self), dtype=bool)
        found[self.line_numbers(places)] = True
        return found

    def line_numbers(self, places: Numbers) -> Numbers:
        """The number of the line that each of the characters at these places is in."""
        return np.searchsorted(self.ends, places)

    def containing(self, texts: Iterable[str]) -> Mask:
        """Which lines have one of the texts in them; a text is not empty and has no line break."""
        found = np.zeros(len(self), dtype=bool)
        for text in texts:
            found |= self.lines_of(self.find(text))
        return found

    def find(self, text: str) -> Numbers:
        """The places where a text begins, which is not empty and has no line break."""
        first, *others = map(ord, text)
        places = np.flatnonzero(self.codes == first)
        for offset, code in enumerate(others, 1):  # what has been matched is no line break, so that another character follows
            places = places[self.codes[places + offset] == code]
        return places


def has(found: Table, bit: int) -> Mask:
    """Which characters are of a class."""
    return (found & bit).astype(bool)


def table_of(classes: Iterable[tuple[int, str]]) -> Table:
    """A table of classes, each given by its bit and what stands for it inside [...] of a regular expression."""
    table = np.zeros(CODE_POINTS, dtype=np.uint16)
    for bit, characters in classes:
        for match in re.finditer(f"[{characters}]+", all_characters()):
            table[match.start() : match.end()] |= bit
    return table


@cache
def all_characters() -> str:
    """Every code point in its place; surrogates, which no text has, are there as NUL."""
    return "".join(map(chr, range(0xD800))) + "\0" * 0x800 + "".join(map(chr, range(0xE000, CODE_POINTS)))


# A combining mark belongs to the letter before it, and is no \w for Python; scripts of India would look half empty without.
MARKS = "\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0981-\u0983\u09bc-\u09cd\u0a01-\u0dff\u0e31-\u0e4e\u1000-\u109f\u1780-\u17ff\u064b-\u065f"


@cache
def classes(language: Language) -> Table:
    """The classes above; FOREIGN are the letters of other scripts than the language's."""
    foreign = rf"^\W\d_{language.characters}"
    return table_of([(LETTER, r"^\W\d_"), (FOREIGN, foreign), (MARK, MARKS), (DIGIT, r"\d"), (WORD, r"\w"), (BLANK, " \n")])


FOLDING = range(0x1F000)  # beyond these there are no letters with upper and lower case


@cache
def case_folding() -> tuple[Codes, Codes]:
    """For each code point the first and the last character of its case folding."""
    first = np.arange(CODE_POINTS, dtype=np.uint32)
    last = first.copy()
    for code in FOLDING:
        plain = chr(code).casefold()
        first[code], last[code] = ord(plain[0]), ord(plain[-1])
    return first, last
