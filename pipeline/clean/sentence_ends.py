"""Where sentences end: as ICU says for the language (Unicode Standard Annex 29), but not after an abbreviation or an initial.

The abbreviations are those of Moses (https://aclanthology.org/P07-2045), English ones for a language without a list.
"""

import re
from collections.abc import Callable
from functools import cache

from pipeline.common.languages import Language

OPENING = "(\"'[{«“\u2018"
ONLY_BEFORE_NUMBER = " #NUMERIC_ONLY#"  # what Moses' lists say of the likes of "No."
DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")  # U.S, z.B


def sentence_splitter(language: Language) -> Callable[[str], list[str]]:
    """Splits a text into its sentences, without the blanks around them."""
    from icu4py.breakers import SentenceBreaker

    locale, abbreviations = language.tag.replace("-", "_"), abbreviations_of(language.iso_639_1 or language.code)

    def split(line: str) -> list[str]:
        sentences: list[str] = []
        for part in SentenceBreaker(line, locale):
            if sentences and goes_on(sentences[-1], part, abbreviations):
                sentences[-1] += part
            else:
                sentences.append(part)
        return [sentence.strip() for sentence in sentences] or [line]

    return split


def goes_on(text: str, following: str, abbreviations: frozenset[str]) -> bool:
    """Whether what ICU takes for a whole sentence is none: it ends with an abbreviation, an initial, or without a blank, as in .NET."""
    stripped = text.rstrip()
    if text == stripped and text[-1:].isascii() and following[:1].isascii():
        return True
    if not stripped.endswith("."):
        return not stripped
    word = stripped[:-1].rpartition(" ")[2].lstrip(OPENING)
    if word + ONLY_BEFORE_NUMBER in abbreviations:
        return following[:1].isdecimal()
    return word in abbreviations or (len(word) == 1 and word.isupper()) or bool(DOTTED.fullmatch(word))


@cache
def abbreviations_of(code: str) -> frozenset[str]:
    from sacremoses.corpus import NonbreakingPrefixes

    prefixes = NonbreakingPrefixes()
    return frozenset(prefixes.words(code if code in prefixes.available_langs.values() else "en"))
