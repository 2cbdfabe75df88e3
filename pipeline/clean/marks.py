# ruff: noqa: RUF001
"""Quotation marks and punctuation: what is customary in a language, and what the rest becomes.

Source of the quotation marks: the delimiters of CLDR, main and alternate, https://cldr.unicode.org/translation/characters-emoji-symbols
"""

from collections.abc import Collection

from pipeline.common.languages import CJK_SCRIPTS, Language

DOUBLE_QUOTES, SINGLE_QUOTES = "«»“”„‟「」『』《》", "‹›‘’‚‛〈〉"
# By language; in one that does not stand here every mark is customary. An apostrophe is customary everywhere.
CUSTOMARY_QUOTES = {
    "bg cs de is lt mk sk sl sr": "„“”‚‘’»«›‹",
    "be ru uk": "«»„“”‘’",
    "ca es eu fr gl it pt": "«»“”‘’‹›",
    "da nb nn no": "«»“”„‘’",
    "en hi bn ta te mr gu kn ml pa ur tr cy ga id ms vi th sw tl fil mt af": "“”‘’",
    "et fi sv lv hu pl ro hr bs nl": "„“”‚‘’«»",
    "el hy sq fa ar he ka az kk uz": "«»“”„‘’‹›",
    "ja ko zh": "“”‘’「」『』《》〈〉",
}
APOSTROPHE = "’"

FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
CJK_PUNCTUATION = FULL_WIDTH | {"。": ".", "、": ","}
ARABIC_PUNCTUATION = {"،": ",", "؛": ";", "؟": "?"}
ARABIC_SCRIPTS = {"Arab", "Thaa"}


def replacements(language: Language, names: Collection[str]) -> dict[str, str]:
    """What single characters become."""
    replaced: dict[str, str] = {}
    if "punctuation" in names:
        replaced |= {} if language.script in CJK_SCRIPTS else CJK_PUNCTUATION
        replaced |= {} if language.script in ARABIC_SCRIPTS else ARABIC_PUNCTUATION
    if "quotes" in names and (customary := customary_quotes(language)):
        for marks, plain in ((DOUBLE_QUOTES, '"'), (SINGLE_QUOTES, "'")):
            replaced |= {mark: plain for mark in marks if mark not in customary + APOSTROPHE}
    return replaced


def customary_quotes(language: Language) -> str:
    """Empty where nobody knows."""
    return next((marks for codes, marks in CUSTOMARY_QUOTES.items() if (language.iso_639_1 or language.code) in codes.split()), "")
