"""Words and punctuation of a line, for word alignment.

A token is a word (letters, digits, combining marks), a number with its separators, or a run of one and the same punctuation character:
regular expressions over Unicode's character properties, no language's own rules. Elisions fall apart: "l'acqua" is three tokens, so that
the article aligns by itself.

Scripts that are written without spaces (Chinese, Japanese, Thai, …) are cut into words by ICU, which has dictionaries for them:
https://unicode-org.github.io/icu/userguide/boundaryanalysis/#dictionary-based-breakiterator
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from pipeline.common.languages import SCRIPT_CHARACTERS, parse_language

Span = tuple[int, int]

JOINERS = "\u00ad\u200c\u200d"  # invisible inside a word: soft hyphen, and what Persian and Indic languages are written with
INVISIBLE = "\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # between words: no tokens
UNSPACED = "unspaced"  # the pattern's group of a run of characters that ICU cuts


def tokenize(line: str, language: str) -> list[Span]:
    """Where the tokens of `line` begin and end, in characters; no token is empty or has white space inside."""
    if not unspaced_pattern(language).search(line):
        return [match.span() for match in token_pattern(language).finditer(line)]
    return [span for match in token_pattern(language).finditer(line) for span in spans_of(match, language)]


def token_words(line: str, spans: list[Span]) -> list[str]:
    return [line[begin:end] for begin, end in spans]


def spans_of(match: re.Match[str], language: str) -> Iterator[Span]:
    """The token that the pattern found, or the words of the run that it found."""
    if match.lastgroup != UNSPACED:
        yield match.span()
        return
    from icu4py.breakers import WordBreaker

    run, first = match[0], match.start()
    # ICU counts in UTF-16: characters beyond the first 65,536 are two units.
    place = {unit: character for character, unit in enumerate(accumulate((1 + (character > "\uffff") for character in run), initial=0))}
    for begin, end in WordBreaker(run, language.replace("-", "_")).segments():
        yield first + place[begin], first + place[end]


@cache
def token_pattern(language: str) -> re.Pattern[str]:
    """The pattern of a token, or of a run of characters without spaces: Han and kana in any language, other such scripts in theirs."""
    single = unspaced_characters(language)
    marks = combining_marks()
    letters = rf"[^\W{single}]"
    word = rf"{letters}+(?:[{marks}{JOINERS}]+{letters}*)*"
    number = r"\d+(?:[.,]\d+)+(?!\w)"
    return re.compile(rf"{number}|{word}|(?P<{UNSPACED}>[{single}][{single}{marks}]*)|([^\w\s{INVISIBLE}])\2*")


@cache
def unspaced_pattern(language: str) -> re.Pattern[str]:
    """One of the characters that ICU is asked about: most lines of most languages have none."""
    return re.compile(f"[{unspaced_characters(language)}]")


@cache
def unspaced_characters(language: str) -> str:
    """Scripts without spaces, for the inside of [...]."""
    known = parse_language(language)
    return SCRIPT_CHARACTERS["Jpan"] + ("" if known.spaced else known.characters)


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
