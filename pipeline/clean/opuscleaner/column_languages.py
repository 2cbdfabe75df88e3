"""Which column of a dataset a language code in a filter file names.

The codes are those of whatever the filter calls: ISO 639-1 and 639-3, a macrolanguage or its principal member, FLORES and CLDR codes with
script or region, codes of fastText's models. All of these name a column: en, eng, en_US, eng_Latn; zh, zho, cmn, zh_Hant.
"""

import re
from collections.abc import Sequence

from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError

CODE = re.compile(r"(?P<language>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_][a-z0-9]+)*", re.IGNORECASE)

# Published filter files are written for any pair, and say so with these.
PLACEHOLDERS = ("<src>", "<trg>")


def without_placeholder(text: str, columns: Sequence[Language]) -> str:
    """The code of the column that a placeholder stands for, and any other text as it is; `columns` in the dataset's order."""
    if text in PLACEHOLDERS and PLACEHOLDERS.index(text) < len(columns):
        return columns[PLACEHOLDERS.index(text)].tag
    return text


def names_column(code: str, column: Language) -> bool:
    """Whether the code, or a code for the same language, is the column's; scripts count where both name one."""
    match = CODE.fullmatch(code)
    if match is None:
        return False
    language, script = match["language"].lower(), (match["script"] or "").title()
    if script and script != column.writing and f"-{column.writing}" in column.tag:
        return False
    return bool(known_codes(language) & (known_codes(column.code) | {column.fasttext, *column.bitextor, column.flores.partition("_")[0]}))


def known_codes(code: str) -> set[str]:
    """The code and, where it is registered, its ISO 639 codes."""
    try:
        language = parse_language(code)
    except StepError:
        return {code}
    return {code, language.iso_639_3, language.iso_639_1 or code}


def named_column(code: str, columns: Sequence[Language]) -> int | None:
    """The number of the first column that the code names."""
    return next((number for number, column in enumerate(columns) if names_column(code, column)), None)


def in_its_script(code: str, column: Language) -> Language:
    """The column's language, in the script that the code names, if it names one that is known (`sr_Latn` for a column sr)."""
    match = CODE.fullmatch(code)
    if match is None or not match["script"]:
        return column
    try:
        return parse_language(f"{column.code}-{match['script']}")
    except StepError:
        return column
