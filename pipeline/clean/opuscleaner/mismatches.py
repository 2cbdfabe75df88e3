"""Filters that compare what both sides of a pair should have in common: numbers, URLs, currencies."""

import re
from collections.abc import Sequence

from pipeline.clean.opuscleaner.currencies import CODES, SYMBOLS
from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope, keep_pairs
from pipeline.clean.opuscleaner.parameters import PRINTS, Flag, Number
from pipeline.common.languages import Language

# A sign counts where a word could start, and a number ends where a word does: the 19 of covid-19, none in 19th or B2B.
NUMBER = re.compile(r"(?:(?<!\S)(?P<sign>[+-])|\b)0*(?P<digits>\d+(?:[.,:]\d+)*)\b")
SEPARATORS = str.maketrans(".,:", "***")
OTHER_DIGIT = re.compile(r"[^\D0-9]")

# RFC 3986 without what text never has; the scheme is left out as often as not. A name of one label is none, or each word would be a URL.
USER = r"(?:[\w.~%!$&'()*+,;=:-]+@)?"
HOST = r"(?P<host>(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}|(?:\d{1,3}\.){3}\d{1,3}|\[[0-9a-f:.]+\])"
PATH = r"(?:/[\w.~%!$&'()*+,;=:@-]*)*"
QUERY, FRAGMENT = (rf"(?:{sign}[\w.~%!$&'()*+,;=:@/?-]*)?" for sign in (r"\?", "#"))
URL, URL_OF_USER = (
    re.compile(rf"\b(?:[a-z][a-z0-9+.-]*://)?{user}{HOST}(?::\d{{2,5}})?{PATH}{QUERY}{FRAGMENT}\b", re.IGNORECASE | re.ASCII)
    for user in ("", USER)
)
SENTENCES = re.compile(r"[a-z0-9]\.[A-Z]")

AMOUNT = r"\d[\d.,]*"


def num_mismatch(languages: Sequence[Language], ratio: float) -> RowFunction:
    """Keeps pairs with one more shared number than RATIO times one more than the others; pairs without numbers are kept.

    Numbers are compared as sets, without leading zeros, and whatever separates their digits. Digits of other scripts count as ASCII digits;
    for OpusCleaner they differ.
    """

    def keeps(src: str, trg: str) -> bool:
        src_numbers, trg_numbers = numbers(src), numbers(trg)
        if src_numbers == trg_numbers and ratio <= 1:
            return True
        if not src_numbers and not trg_numbers:
            return True
        return len(src_numbers & trg_numbers) + 1 >= ratio * (len(src_numbers ^ trg_numbers) + 1)

    return keep_pairs(keeps)


def numbers(line: str) -> set[str]:
    if not line.isascii():
        line = OTHER_DIGIT.sub(lambda digit: str(int(digit[0])), line)
    return {sign + digits.translate(SEPARATORS) for sign, digits in NUMBER.findall(line)}


def url_mismatch(languages: Sequence[Language]) -> RowFunction:
    """Keeps pairs with the same URLs in the same order on both sides, or with none."""
    return keep_pairs(lambda src, trg: urls(src) == urls(trg))


def urls(line: str) -> list[str]:
    """The URLs of a line, with or without a scheme; not where two sentences meet without a blank, as in "end.Start"."""
    if "." not in line and "[" not in line:
        return []
    pattern = URL_OF_USER if "@" in line else URL
    return [found[0] for found in pattern.finditer(line) if not SENTENCES.search(found["host"])]


def currency_mismatch(languages: Sequence[Language], fix: bool) -> RowFunction:
    """Keeps pairs with the same currencies, written alike (by sign or by code), in the same order, beside numbers.

    With FIX, where each side has one and both write it alike, the target gets the source's instead.
    """
    names = sorted({*CODES, *SYMBOLS}, key=len, reverse=True)
    either = "|".join(map(re.escape, names))
    pattern = re.compile(rf"(?<![A-Za-z])(?:({either})\s*{AMOUNT}|{AMOUNT}\s*({either}))(?![A-Za-z])")

    def currencies(line: str) -> list[str]:
        return [before or after for before, after in pattern.findall(line)]

    def apply(row: Row) -> Row | None:
        src, trg = row
        src_found, trg_found = currencies(src), currencies(trg)
        if list(map(meaning, src_found)) == list(map(meaning, trg_found)):
            return row
        if fix and len(src_found) == len(trg_found) == 1 and meaning(src_found[0])[1] == meaning(trg_found[0])[1]:
            return src, trg.replace(trg_found[0], src_found[0])
        return None

    return apply


def meaning(name: str) -> tuple[str, bool]:
    """The code of what a code or sign says, and whether it is written with letters. A bare $ is no country's: it stands for itself."""
    return SYMBOLS.get(name, name), any(map(str.isalpha, name))


MISMATCH_FILTERS = (
    Definition("num_mismatch", Scope.PAIR, num_mismatch, {"RATIO": Number(default=1, minimum=0), "DEBUG": PRINTS}),
    Definition("url_mismatch", Scope.PAIR, url_mismatch, {"DEBUG": PRINTS}),
    Definition("currency_mismatch", Scope.PAIR, currency_mismatch, {"FIX": Flag(), "DEBUG": PRINTS}),
)
