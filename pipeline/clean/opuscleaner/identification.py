"""Filters by the language that a model finds: lid.176, whichever model OpusCleaner is told to use.

The others would have to be downloaded (fastText's large model, NLLB's, OpenLID) or built (CLD2, HeLI-OTS); the codes in the file are those
of their models, and say which column is which.
"""

from collections.abc import Callable, Sequence
from functools import cache

from pipeline.clean.opuscleaner.filters import Definition, Row, RowFunction, Scope
from pipeline.clean.opuscleaner.parameters import PRINTS, Flag, LanguageOf, Text
from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import Language
from pipeline.common.letters import LETTERS

# Of what is less probable, CLD2 would say that it is not reliable.
RELIABLE = 0.5

# One language for HeLI-OTS.
MACROLANGUAGES = ({"bs", "hr", "sh", "sr"}, {"id", "ms"})


@cache
def identifier() -> LanguageIdentifier:
    """Loaded by the process that identifies, when it first does."""
    return LanguageIdentifier()


def keep_identified(languages: Sequence[Language], keeps: Callable[[str, Language], bool]) -> RowFunction:
    def apply(row: Row) -> Row | None:
        return row if all(keeps(line, language) for line, language in zip(row, languages, strict=True)) else None

    return apply


def fasttext_filter(languages: Sequence[Language]) -> RowFunction:
    """Keeps rows whose lines are most probably in the language of their column."""
    return keep_identified(languages, lambda line, language: identifier().identify(line)[0] == language.fasttext)


def langid(languages: Sequence[Language], allow_similar: bool, allow_unknown: bool) -> RowFunction:
    """As fasttext_filter; with ALLOW_SIMILAR also close languages, with ALLOW_UNKNOWN also lines of which the model is not sure."""

    def keeps(line: str, language: Language) -> bool:
        found, probability = identifier().identify(line)
        if probability < RELIABLE:
            return allow_unknown
        return found == language.fasttext or (allow_similar and found in language.close)

    return keep_identified(languages, keeps)


def langid_heliport(languages: Sequence[Language], allow_notext: bool) -> RowFunction:
    """As fasttext_filter, but for languages that are one macrolanguage; with ALLOW_NOTEXT also lines without letters."""

    def keeps(line: str, language: Language) -> bool:
        if not LETTERS.search(line):
            return allow_notext
        same = next((group for group in MACROLANGUAGES if language.fasttext in group), {language.fasttext})
        return identifier().identify(line)[0] in same

    return keep_identified(languages, keeps)


def checked(first: str, second: str) -> dict[str, LanguageOf]:
    """Parameters for the languages of the columns, which are known: they are only checked."""
    return {first: LanguageOf(side=0, used=False), second: LanguageOf(side=1, used=False)}


IDENTIFICATION_FILTERS = (
    Definition(
        "fasttext_filter",
        Scope.ROW,
        fasttext_filter,
        {
            "FASTTEXT_MODEL_TYPE": Text(default="nllb", choices=("small", "large", "openlid-v2", "nllb"), used=False),
            **checked("LANG1", "LANG2"),
            "DEBUG": PRINTS,
        },
    ),
    Definition(
        "langid",
        Scope.ROW,
        langid,
        {**checked("SRC_LANG", "TRG_LANG"), "ALLOW_SIMILAR": Flag(default=True), "ALLOW_UNKNOWN": Flag(default=True), "DEBUG": PRINTS},
    ),
    Definition(
        "langid_heliport",
        Scope.ROW,
        langid_heliport,
        {**checked("SRC_LANG", "TRG_LANG"), "ALLOW_NOTEXT": Flag(default=True), "DEBUG": PRINTS},
    ),
)
