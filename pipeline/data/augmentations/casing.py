"""Upper case and title case by the rules of each language, https://www.unicode.org/reports/tr35/tr35-general.html#Case_Operations

Only the default rules are Python's. Where the source is written without case nothing changes, as its translation could not tell either.
"""

import re
import unicodedata
from random import Random

from pipeline.common.languages import SCRIPT_CHARACTERS, Language
from pipeline.data.augmentations.pair import Languages, Modifier, Pair

DOTTED_I = {"az", "tr"}  # there i is \u0130 in capitals, and the letter without a dot is I
NOT_GEORGIAN = re.compile(f"[^{SCRIPT_CHARACTERS['Geor']}]+")
GREEK = re.compile("[\u0300-\u0345\u0370-\u03ff\u1f00-\u1fff]+")
DIALYTIKA = "\u0308"
ACCENTS = "[\u0300\u0301\u0313\u0314\u0342]+"
ACCENTED = re.compile(f"(?<=[\u0391-\u03a9\u03b1-\u03c9])({DIALYTIKA}?){ACCENTS}")
# An accent on alpha, epsilon or omicron says that iota or upsilon after it is a vowel of its own.
HIATUS = re.compile(f"([\u0391\u0395\u039f\u03b1\u03b5\u03bf]){ACCENTS}([\u0399\u03a5\u03b9\u03c5])(?!{DIALYTIKA})")

# The first letter of a word, after what opens it: «ciao, (see. Not in /usr or %s. In Dutch ij is one letter.
OPENING = r"(?<!\S)([\"'(\[{«„“\u2018¿¡-]*)"
FIRST_LETTER = re.compile(rf"{OPENING}(\w)")
FIRST_LETTER_DUTCH = re.compile(rf"{OPENING}(ij|\w)")


def upper(text: str, language: Language) -> str:
    """The text in capitals; Georgian words stay, and so does all of it where the language has no case."""
    if not language.bicameral:
        return text
    if language.iso_639_1 in DOTTED_I:
        text = text.replace("i", "İ")
    if language.iso_639_1 == "el":
        text = GREEK.sub(lambda run: without_greek_accents(run[0]), text)
    return NOT_GEORGIAN.sub(lambda run: run[0].upper(), text)


def without_greek_accents(text: str) -> str:
    """Greek as it is before it is put in capitals: μαΐου gives μαϊου, άυλος αϋλος; only ή, "or", keeps its accent."""
    text = unicodedata.normalize("NFD", text)
    if text == "η\u0301":
        return unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", ACCENTED.sub(r"\1", HIATUS.sub(rf"\1\2{DIALYTIKA}", text)))


def title(text: str, language: Language) -> str:
    """The text with a capital at the beginning of every word, whatever the other letters are."""
    if not language.bicameral:
        return text
    first = FIRST_LETTER_DUTCH if language.iso_639_1 == "nl" else FIRST_LETTER

    def capital(match: re.Match[str]) -> str:
        letter = match[2]
        if letter == "i" and language.iso_639_1 in DOTTED_I:
            return f"{match[1]}İ"
        return match[1] + (letter.title() if len(letter) == 1 else letter.upper())

    return first.sub(capital, text)


def upper_pair(pair: Pair, languages: Languages, random: Random) -> Pair:
    return upper(pair[0], languages[0]), upper(pair[1], languages[1])


def title_pair(pair: Pair, languages: Languages, random: Random) -> Pair:
    return title(pair[0], languages[0]), title(pair[1], languages[1])


def source_has_case(languages: Languages) -> bool:
    return languages[0].bicameral


UPPER = Modifier(upper_pair, source_has_case)
TITLE = Modifier(title_pair, source_has_case)
