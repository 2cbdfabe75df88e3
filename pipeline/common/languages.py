"""Languages: how a tag of a training config is written, its script, and what other tools call the language.

Tags are BCP 47 (`en`, `pt-BR`, `zh-Hant`); configs also write `zh_hant`. Which exist, their usual scripts (the "likely subtags" of CLDR)
and their ISO 639 codes come from the package langcodes. Scripts are named by ISO 15924. What stands here by hand is what that data does
not know: how scripts are written, and where a tool goes its own way.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from pipeline.common.script import StepError

TAG = re.compile(r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?", re.IGNORECASE)

# Character classes by script, for the inside of [...]. A script stands here with everything that ordinary text in it is written with:
# Japanese is Han and both kana. Source: the Unicode block names, https://www.unicode.org/Public/UCD/latest/ucd/Blocks.txt
SCRIPT_CHARACTERS = {
    "Arab": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Armn": "\u0530-\u058f",
    "Beng": "\u0980-\u09ff",
    "Cans": "\u1400-\u167f\u18b0-\u18ff",
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
    "Olck": "\u1c50-\u1c7f",
    "Orya": "\u0b00-\u0b7f",
    "Sinh": "\u0d80-\u0dff",
    "Taml": "\u0b80-\u0bff",
    "Telu": "\u0c00-\u0c7f",
    "Tfng": "\u2d30-\u2d7f",
    "Thaa": "\u0780-\u07bf",
    "Thai": "\u0e00-\u0e7f",
    "Tibt": "\u0f00-\u0fff",
}

# Scripts whose text has the characters of another entry: simplified and traditional Chinese differ in characters, not in blocks.
CHARACTERS_AS = {"Hans": "Hani", "Hant": "Hani", "Hang": "Kore"}

# Scripts with upper and lower case. Georgian has capitals since Unicode 11, but no sentence or name is written with them.
BICAMERAL_SCRIPTS = {"Armn", "Cyrl", "Grek", "Latn"}

CJK_SCRIPTS = {"Hani", "Jpan", "Kore"}

# Written without spaces between words: what counts words counts characters there.
UNSPACED_SCRIPTS = {"Hani", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"}

# How many Latin letters say about as much as one character of these scripts; 1 for all others.
DENSITY = {"Hani": 3.0, "Jpan": 2.3, "Kore": 1.9}

# Tags of the registry that name no single language: undetermined, several, uncoded, none.
NO_LANGUAGE = {"und", "mul", "mis", "zxx"}

# lid.176 knows these languages by a code that is not their ISO 639-1 code, https://fasttext.cc/docs/en/language-identification.html
FASTTEXT_CODES = {
    "nb": "no",  # one label for the macrolanguage, which is Bokmål; Nynorsk has its own
    "fil": "tl",  # standard Tagalog by another name
    "gsw": "als",  # the Alemannic Wikipedia's name; als is Tosk Albanian in ISO 639-3
}

# FLORES-200 names individual languages: for a macrolanguage its principal member (lv: lvs, ar: arb), which langcodes knows. Not so these:
# https://github.com/facebookresearch/flores/blob/main/flores200/README.md
FLORES_CODES = {
    "ak": "aka",  # these six keep the macrolanguage's code
    "et": "est",
    "gn": "grn",
    "kg": "kon",
    "sc": "srd",
    "zh": "zho",
    "ff": "fuv",  # these three have another member than the one that CLDR takes for the principal one
    "ps": "pbt",
    "qu": "quy",
    "no": "nob",  # Norwegian is two languages there, Bokmål and Nynorsk
    "fil": "tgl",
}
FLORES_SCRIPTS = {"Kore": "Hang"}  # Korean as it is written today
NLLB_CODES = {"sat_Olck": "sat_Beng"}  # NLLB-200's code for Santali names the wrong script; all others are those of FLORES-200

# Bitextor's tools have one model for Serbo-Croatian, and write Norwegian as Bokmål: https://github.com/mbanon/fastspell
BITEXTOR_CODES = {"sr": "hbs", "hr": "hbs", "bs": "hbs", "no": "nb"}

# What lid.176 mixes up in any text: one language by several names, or nearly so.
ALIKE_LANGUAGES = [{"no", "nn", "da"}, {"sr", "hr", "bs", "sh"}, {"ms", "id"}, {"zh", "yue", "wuu"}]

# What it mixes up in short texts.
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
    """A language as configs name it: `code` is the tag's first part, `writing` the script of the tag or the language's usual one.

    `script` is `writing` but for what shares its characters: Hani for Hans and Hant. The codes are formed whether or not the tool knows the
    language: that is for the tool to say.
    """

    tag: str
    code: str
    writing: str

    @property
    def region(self) -> str:
        """The region of the tag, such as BR or 419; empty where it names none."""
        match = TAG.fullmatch(self.tag)
        return (match["region"] if match else None) or ""

    @property
    def likely_region(self) -> str:
        """The region of the tag, or the one that CLDR thinks likely: IT for it, BR for pt; empty where it knows none."""
        from langcodes import Language as Tag

        return self.region or Tag.get(self.tag, normalize=False).maximize().territory or ""

    @property
    def script(self) -> str:
        return CHARACTERS_AS.get(self.writing, self.writing)

    @property
    def characters(self) -> str:
        """The characters of its script, for the inside of a regular expression's [...]."""
        return SCRIPT_CHARACTERS[self.script]

    @property
    def bicameral(self) -> bool:
        """Whether it is written with upper and lower case."""
        return self.script in BICAMERAL_SCRIPTS

    @property
    def cjk(self) -> bool:
        return self.script in CJK_SCRIPTS

    @property
    def spaced(self) -> bool:
        return self.script not in UNSPACED_SCRIPTS

    @property
    def density(self) -> float:
        """Latin letters that say as much as one character of its script, for comparing lengths; a rough figure."""
        return DENSITY.get(self.script, 1.0)

    @cached_property
    def iso_639_1(self) -> str | None:
        """The two-letter code, of its macrolanguage where the tag names the principal member (`cmn`: zh); None where there is none."""
        from langcodes import standardize_tag

        standard = standardize_tag(self.code, macro=len(self.code) == 3).partition("-")[0]
        return next((code for code in (standard, self.code) if len(code) == 2), None)

    @cached_property
    def iso_639_3(self) -> str:
        """The three-letter code of what the tag names, be it a macrolanguage: `zh` is zho, `cmn` is cmn."""
        from langcodes import Language as Tag

        return Tag.get(self.code, normalize=False).to_alpha3()

    @property
    def sacrebleu(self) -> str:
        """As in the language pairs of sacreBLEU's test sets, which tell no scripts or regions apart."""
        return self.iso_639_1 or self.iso_639_3

    @property
    def mtdata(self) -> str:
        """As in https://github.com/thammegowda/mtdata: ISO 639-3, then what the tag says of script (if it needs saying) and region."""
        from langcodes import Language as Tag

        tag = Tag.get(self.tag, normalize=False).simplify_script()
        return "_".join(part for part in (self.iso_639_3, tag.script, tag.territory) if part)

    @property
    def flores(self) -> str:
        """As in FLORES-200: `eng_Latn`."""
        shortest = self.iso_639_1 or self.code
        code = FLORES_CODES.get(shortest) or principal_members().get(shortest) or self.iso_639_3
        return f"{code}_{FLORES_SCRIPTS.get(self.writing, self.writing)}"

    @property
    def nllb(self) -> str:
        return NLLB_CODES.get(self.flores, self.flores)

    @property
    def fasttext(self) -> str:
        """The code of lid.176."""
        return FASTTEXT_CODES.get(self.code) or self.iso_639_1 or self.code

    @property
    def bitextor(self) -> list[str]:
        """The codes by which models of Bicleaner AI and Monocleaner may be named, the language's own first."""
        code = self.iso_639_1 or self.code
        return [code, BITEXTOR_CODES[code]] if code in BITEXTOR_CODES else [code]

    @cached_property
    def alike(self) -> frozenset[str]:
        """The lid.176 codes, its own among them, that never count as another language."""
        return self.grouped(ALIKE_LANGUAGES)

    @cached_property
    def close(self) -> frozenset[str]:
        """The lid.176 codes, its own among them, that in a short text do not count as another language."""
        return self.grouped(CLOSE_LANGUAGES)

    def grouped(self, groups: Iterable[set[str]]) -> frozenset[str]:
        return frozenset({self.fasttext}.union(*(group for group in groups if self.fasttext in group)))


@cache
def parse_language(tag: str) -> Language:
    """Reads `en`, `pt_BR`, `zh-Hant`, `zh_hant`.

    Raises StepError where it is no such tag, no language is registered under it, or its script is not in SCRIPT_CHARACTERS.
    """
    from langcodes import Language as Tag  # a large table, which whoever only asks for a parser does not need
    from langcodes import standardize_tag

    match = TAG.fullmatch(tag.replace("_", "-"))
    if match is None:
        raise StepError(f"{tag!r} is no language tag: a language, optionally script and region, such as en, zh_hant, pt-BR")
    code = match["language"].lower()
    named, region = (match["script"] or "").title(), (match["region"] or "").upper()
    normal = "-".join(part for part in (code, named, region) if part)
    registered = Tag.get(normal, normalize=False)
    writing = named or usual_script(code, region)
    if CHARACTERS_AS.get(writing, writing) not in SCRIPT_CHARACTERS:
        raise StepError(f"{tag!r}: the script {writing} is not known; known are {' '.join(sorted({*SCRIPT_CHARACTERS, *CHARACTERS_AS}))}")
    if not registered.is_valid() or code in NO_LANGUAGE:
        standard = standardize_tag(normal)
        hint = f"; did you mean {standard}?" if standard != normal else ""
        raise StepError(f"{tag!r} is no language tag: no such language is registered{hint}")
    return Language(normal, code, writing)


def usual_script(code: str, region: str) -> str:
    """The script that CLDR thinks likely; for a language that it does not know, that of its macrolanguage (`pbt`: ps), otherwise Latn."""
    from langcodes import Language as Tag
    from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES

    known = code if code in LIKELY_SUBTAGS else MACROLANGUAGES.get(code, code)
    return Tag.make(language=known, territory=region or None).maximize().script or "Latn"


@cache
def principal_members() -> dict[str, str]:
    """For a macrolanguage's shortest code the ISO 639-3 code of the member that is meant when nothing else is said: {"lv": "lvs", …}."""
    from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

    return {macro: member for member, macro in NORMALIZED_MACROLANGUAGES.items() if len(member) == 3}
