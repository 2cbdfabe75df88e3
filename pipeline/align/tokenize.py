"""Words and punctuation of a line, for word alignment: regular expressions over Unicode's character properties, no language's own rules.

A token is a word (letters, digits, combining marks), a number with its separators, a run of one and the same punctuation character, or a
single character of a script that is written without spaces (Chinese, Japanese, Thai, …) with its combining marks. Elisions fall apart:
"l'acqua" is three tokens, so that the article aligns by itself.
"""

import re
import sys
import unicodedata
from functools import cache

from pipeline.common.languages import SCRIPT_CHARACTERS, parse_language

Span = tuple[int, int]

JOINERS = "\u00ad\u200c\u200d"  # invisible inside a word: soft hyphen, and what Persian and Indic languages are written with
INVISIBLE = "\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # between words: no tokens


def tokenize(line: str, language: str) -> list[Span]:
    """Where the tokens of `line` begin and end, in characters; no token is empty or has white space inside."""
    return [match.span() for match in token_pattern(language).finditer(line)]


def token_words(line: str, spans: list[Span]) -> list[str]:
    return [line[begin:end] for begin, end in spans]


@cache
def token_pattern(language: str) -> re.Pattern[str]:
    """The pattern of a token; Han and kana stand alone in any language, other unspaced scripts in theirs."""
    known = parse_language(language)
    single = SCRIPT_CHARACTERS["Jpan"] + ("" if known.spaced else known.characters)
    marks = combining_marks()
    letters = rf"[^\W{single}]"
    word = rf"{letters}+(?:[{marks}{JOINERS}]+{letters}*)*"
    number = r"\d+(?:[.,]\d+)+(?!\w)"
    return re.compile(rf"{number}|{word}|[{single}][{marks}]*|([^\w\s{INVISIBLE}])\1*")


@cache
def combining_marks() -> str:
    """All characters of the categories Mn, Mc and Me, for the inside of [...]: Python's \\w leaves them out, which cuts words."""
    marks = [code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)).startswith("M")]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
