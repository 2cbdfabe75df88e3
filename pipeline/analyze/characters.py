"""Kinds of characters: a table that says of every code point what it is, for looking up whole arrays at once."""

import re
import unicodedata
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.common.columns import CODE_POINTS, Mask
from pipeline.common.languages import SCRIPT_CHARACTERS, Language
from pipeline.common.letters import LETTERS, foreign_letters

Table = NDArray[np.uint8]

# Planes 0 to 3. In the others nothing is a letter, a digit, a space or a punctuation mark.
LOOKED_AT = "".join(map(chr, range(0x40000)))


class Kind(IntEnum):
    """Letters come last: LETTER are those of the language's script, then those of a script without a name here, then script by script."""

    OTHER = 0
    SPACE = 1  # as str.split() separates words
    CONTROL = 2  # control characters that are no space, and U+FFFD, which stands for bytes that could not be decoded
    DIGIT = 3  # decimal ones, of any script
    PUNCTUATION = 4  # what is none of the following
    CLOSING = 5  # quotation marks and brackets that may follow the end of a sentence
    FULL_STOP = 6  # or an ellipsis
    QUESTION_MARK = 7
    EXCLAMATION_MARK = 8
    LETTER = 9
    UNNAMED_SCRIPT = 10
    FIRST_SCRIPT = 11


# By general category. Which quotation mark closes is a matter of the language: „this“, »this«.
CATEGORIES = {
    "Cc": Kind.CONTROL,
    **dict.fromkeys(("Pc", "Pd", "Po", "Ps"), Kind.PUNCTUATION),
    **dict.fromkeys(("Pe", "Pf", "Pi"), Kind.CLOSING),
}

# How sentences end, in the scripts of languages.py: https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt, Sentence_Terminal
SENTENCE_ENDS = {
    Kind.FULL_STOP: ".\u2026\u3002\uff0e\uff61\u0589\u06d4\u0964\u0965\u104b\u1362\u17d4\u1c7e\u0f0d",
    Kind.QUESTION_MARK: "?\uff1f\u061f\u1367\u037e\u2047\u2048",
    Kind.EXCLAMATION_MARK: "!\uff01\u055c\u203c\u2049",
}
GREEK_QUESTION_MARK = ";"  # as it is typed; U+037E is the same by canonical equivalence

# Where scripts share characters: Han characters are Han, and what Japanese and Korean have beside them goes by a name of its own.
SCRIPT_NAMES = {"Jpan": "Hrkt", "Kore": "Hang"}
SCRIPTS = [*(name for name in SCRIPT_CHARACTERS if name != "Hani"), "Hani"]  # a later one takes what it shares with earlier ones


def script_name(kind: int) -> str:
    """The ISO 15924 code of a letter's script, by its kind; "other" for scripts that languages.py does not know."""
    return "other" if kind == Kind.UNNAMED_SCRIPT else SCRIPT_NAMES.get(name := SCRIPTS[kind - Kind.FIRST_SCRIPT], name)


KINDS = Kind.FIRST_SCRIPT + len(SCRIPTS)


def matching(characters: re.Pattern[str]) -> Mask:
    """For each code point whether it is one of those that the pattern matches runs of."""
    mask = np.zeros(CODE_POINTS, dtype=bool)
    for run in characters.finditer(LOOKED_AT):
        mask[run.start() : run.end()] = True
    return mask


def any_of(characters: str) -> list[int]:
    return [ord(character) for character in characters]


@cache
def all_scripts() -> Table:
    """The kinds, but for LETTER, which is a matter of the language."""
    table = np.full(CODE_POINTS, Kind.OTHER, dtype=np.uint8)
    categories = [unicodedata.category(character) for character in LOOKED_AT]
    for code, category in enumerate(categories):
        if category in CATEGORIES:
            table[code] = CATEGORIES[category]
    table[any_of("\"'")] = Kind.CLOSING
    table[ord("\ufffd")] = Kind.CONTROL
    for kind, characters in SENTENCE_ENDS.items():
        table[any_of(characters)] = kind
    table[matching(re.compile(r"\s+"))] = Kind.SPACE
    table[matching(re.compile(r"\d+"))] = Kind.DIGIT
    letters = matching(LETTERS)
    table[letters] = Kind.UNNAMED_SCRIPT
    for number, script in enumerate(SCRIPTS):
        table[letters & matching(re.compile(f"[{SCRIPT_CHARACTERS[script]}]+"))] = Kind.FIRST_SCRIPT + number
    return table


@cache
def character_kinds(language: Language) -> Table:
    """The kind of each code point in text of the language."""
    table = all_scripts().copy()
    table[matching(LETTERS) & ~matching(foreign_letters(language))] = Kind.LETTER
    if language.script == "Grek":
        table[ord(GREEK_QUESTION_MARK)] = Kind.QUESTION_MARK
    return table


@cache
def digit_values() -> Table:
    """The value of each digit, 0 to 9; 0 for everything else."""
    table = np.zeros(CODE_POINTS, dtype=np.uint8)
    for digits in re.finditer(r"\d", LOOKED_AT):
        table[digits.start()] = int(digits.group())
    return table
