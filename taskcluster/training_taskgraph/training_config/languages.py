"""Which language tags exist (BCP 47, https://www.rfc-editor.org/info/bcp47), by the IANA registry that langcodes carries, and which of
them can be trained: the steps read tags too, and what they would refuse is an error in the config.
"""

import re

import langcodes
from langcodes.data_dicts import LIKELY_SUBTAGS, MACROLANGUAGES

# Tags of the registry that name no single language, so that nothing can be translated from or to them.
_NO_LANGUAGE = {"und", "mul", "mis", "zxx"}

# A language, maybe its script, maybe a region; no dialects, spellings or private extensions.
_SUPPORTED_FORM = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)

# The scripts whose characters the steps know.
SUPPORTED_SCRIPTS = {
    "Arab", "Armn", "Beng", "Cans", "Cyrl", "Deva", "Ethi", "Geor", "Grek", "Gujr", "Guru", "Hang", "Hani", "Hans", "Hant", "Hebr", "Jpan",
    "Khmr", "Knda", "Kore", "Laoo", "Latn", "Mlym", "Mymr", "Olck", "Orya", "Sinh", "Taml", "Telu", "Tfng", "Thaa", "Thai", "Tibt",
}  # fmt: skip


def tag_problem(tag: str) -> str | None:
    """Why no model can be trained for a tag, in a few words; None where one can."""
    if not tag_exists(tag):
        return "not the tag of a language"
    if not _SUPPORTED_FORM.fullmatch(_hyphenated(tag)):
        return "more than a language, its script and a region"
    script = script_of(tag)
    return None if script in SUPPORTED_SCRIPTS else f"a language written in a script that no step knows, {script}"


def tag_exists(tag: str) -> bool:
    """Whether `tag` names a language. Subtags are joined by `-` or `_`: `zh-Hant` and `zh_hant` are the same tag."""
    try:
        language = langcodes.Language.get(_hyphenated(tag), normalize=False)
    except langcodes.LanguageTagError:
        return False
    # langcodes takes a private tag such as `x-own` for a language.
    name = language.language or ""
    return language.is_valid() and name.isalpha() and name not in _NO_LANGUAGE


def standard_tag(tag: str) -> str | None:
    """The tag that is recommended for a tag that is close to one (`eng` is `en`, `en-UK` is `en-GB`), if there is one."""
    try:
        standard = langcodes.standardize_tag(_hyphenated(tag))
    except langcodes.LanguageTagError:
        return None
    return standard if tag_problem(standard) is None else None


def script_of(tag: str) -> str:
    """The script that a tag names or CLDR thinks likely for it; a language that CLDR does not know is written as its macrolanguage is."""
    subtags = langcodes.Language.get(_hyphenated(tag), normalize=False)
    code = subtags.language or ""
    known = code if code in LIKELY_SUBTAGS else MACROLANGUAGES.get(code, code)
    likely = langcodes.Language.make(language=known, territory=subtags.territory).maximize()
    return subtags.script or likely.script or "Latn"


def same_language(one: str, other: str) -> bool:
    """Whether two existing tags are two spellings of one language."""
    return langcodes.standardize_tag(_hyphenated(one)) == langcodes.standardize_tag(_hyphenated(other))


def _hyphenated(tag: str) -> str:
    return tag.replace("_", "-")
