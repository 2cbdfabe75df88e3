"""Which language tags exist (BCP 47, https://www.rfc-editor.org/info/bcp47), by the IANA registry that langcodes carries."""

import langcodes

# Tags of the registry that name no single language, so that nothing can be translated from or to them.
_NO_LANGUAGE = {"und", "mul", "mis", "zxx"}


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
    return standard if tag_exists(standard) else None


def same_language(one: str, other: str) -> bool:
    """Whether two existing tags are two spellings of one language."""
    return langcodes.standardize_tag(_hyphenated(one)) == langcodes.standardize_tag(_hyphenated(other))


def _hyphenated(tag: str) -> str:
    return tag.replace("_", "-")
