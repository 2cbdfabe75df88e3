"""Languages: how a tag of a training config is written, its script, and what other tools call the language.

Tags are BCP 47 (`en`, `pt-BR`, `zh-Hant`); configs also write `zh_hant`. Scripts are named by ISO 15924.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from pipeline.common.script import StepError

TAG = re.compile(r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?", re.IGNORECASE)

# Character classes by script, for the inside of [...]. A script stands here with everything that ordinary text in it is written with:
# Japanese is Han and both kana. Source: the Unicode block names, https://www.unicode.org/Public/UCD/latest/ucd/Blocks.txt
SCRIPT_CHARACTERS = {
    "Arab": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Armn": "\u0530-\u058f",
    "Beng": "\u0980-\u09ff",
    "Cyrl": "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    "Deva": "\u0900-\u097f\ua8e0-\ua8ff",
    "Ethi": "\u1200-\u139f",
    "Geor": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Gujr": "\u0a80-\u0aff",
    "Guru": "\u0a00-\u0a7f",
    "Hani": "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "Hebr": "\u0590-\u05ff\ufb1d-\ufb4f",
    "Jpan": "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff",
    "Khmr": "\u1780-\u17ff",
    "Knda": "\u0c80-\u0cff",
    "Kore": "\u1100-\u11ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff",
    "Laoo": "\u0e80-\u0eff",
    "Latn": "A-Za-z\u00aa\u00ba\u00c0-\u024f\u0250-\u02af\u1e00-\u1eff\ufb00-\ufb06",
    "Mlym": "\u0d00-\u0d7f",
    "Mymr": "\u1000-\u109f",
    "Sinh": "\u0d80-\u0dff",
    "Taml": "\u0b80-\u0bff",
    "Telu": "\u0c00-\u0c7f",
    "Thai": "\u0e00-\u0e7f",
}

# The script a language is usually written in; every language that stands nowhere here is taken to be written in Latin letters.
LANGUAGES_BY_SCRIPT = {
    "Arab": "ar ckb fa ps sd ug ur",
    "Armn": "hy",
    "Beng": "as bn",
    "Cyrl": "ba be bg ce cv kk ky mk mn os ru sah sr tg tt uk",
    "Deva": "hi mr ne sa",
    "Ethi": "am ti",
    "Geor": "ka",
    "Grek": "el",
    "Gujr": "gu",
    "Guru": "pa",
    "Hani": "zh yue wuu",
    "Hebr": "he yi",
    "Jpan": "ja",
    "Khmr": "km",
    "Knda": "kn",
    "Kore": "ko",
    "Laoo": "lo",
    "Mlym": "ml",
    "Mymr": "my",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
}
SCRIPT_OF_LANGUAGE = {language: script for script, languages in LANGUAGES_BY_SCRIPT.items() for language in languages.split()}
HAN_SCRIPTS = {"Hans", "Hant"}  # told apart by characters, not by blocks: one class serves both

# Written without spaces between words: what counts words counts characters there.
UNSPACED_SCRIPTS = {"Hani", "Jpan", "Khmr", "Laoo", "Mymr", "Thai"}

# Written with capital and small letters. Georgian's capitals are a style of whole headings, no sentence begins with one.
BICAMERAL_SCRIPTS = {"Armn", "Cyrl", "Grek", "Latn"}

# How many Latin letters say about as much as one character of these scripts; 1 for all others.
DENSITY = {"Hani": 3.0, "Jpan": 2.3, "Kore": 1.9}

# lid.176 knows these languages by another code, https://fasttext.cc/docs/en/language-identification.html
FASTTEXT_CODES = {"nb": "no", "fil": "tl", "iw": "he", "in": "id", "cmn": "zh"}

# What lid.176 mixes up too often for its answer to speak against the other: same language, or the same words in most short texts.
CLOSE_LANGUAGES = [
    {"no", "nn", "da"},
    {"sr", "hr", "bs", "sh", "sl"},
    {"ms", "id"},
    {"cs", "sk"},
    {"gl", "pt", "es"},
    {"zh", "yue", "wuu"},
    {"hi", "mr", "ne"},
    {"ru", "uk", "be", "bg", "mk"},
    {"fa", "ckb", "ar", "ur"},
]


@dataclass(frozen=True)
class Language:
    """A language as configs name it: `code` is the tag's first part, `script` the one of the tag or the language's usual one."""

    tag: str
    code: str
    script: str

    @property
    def characters(self) -> str:
        """The characters of its script, for the inside of a regular expression's [...]."""
        return SCRIPT_CHARACTERS[self.script]

    @property
    def spaced(self) -> bool:
        return self.script not in UNSPACED_SCRIPTS

    @property
    def bicameral(self) -> bool:
        """Whether its script has capital letters."""
        return self.script in BICAMERAL_SCRIPTS

    @property
    def density(self) -> float:
        """Latin letters that say as much as one character of its script, for comparing lengths; a rough figure."""
        return DENSITY.get(self.script, 1.0)

    @property
    def fasttext(self) -> str:
        """The code of lid.176."""
        return FASTTEXT_CODES.get(self.code, self.code)

    @cached_property
    def close(self) -> frozenset[str]:
        """The lid.176 codes, its own among them, that do not count as another language."""
        return frozenset({self.fasttext}.union(*(group for group in CLOSE_LANGUAGES if self.fasttext in group)))


def parse_language(tag: str) -> Language:
    """Reads `en`, `pt_BR`, `zh-Hant`, `zh_hant`; raises StepError where it is no such tag or its script is not in SCRIPT_CHARACTERS."""
    normal = tag.replace("_", "-")
    match = TAG.fullmatch(normal)
    if match is None:
        raise StepError(f"{tag!r} is no language tag: a language, optionally script and region, such as en, zh_hant, pt-BR")
    code = match["language"].lower()
    named = (match["script"] or "").title()
    script = "Hani" if named in HAN_SCRIPTS else named or SCRIPT_OF_LANGUAGE.get(code, "Latn")
    if script not in SCRIPT_CHARACTERS:
        raise StepError(f"{tag!r}: the script {named} is not known; known are {' '.join(sorted(SCRIPT_CHARACTERS))}")
    parts = [code, named, (match["region"] or "").upper()]
    return Language("-".join(part for part in parts if part), code, script)
