"""Letters of a line, and those that are not of a language's script."""

import re

from pipeline.common.languages import Language

LETTERS = re.compile(r"[^\W\d_]+")


def foreign_letters(language: Language) -> re.Pattern[str]:
    """Runs of letters of other scripts than the language's. In most lines there are none, so they are faster to count than the others."""
    return re.compile(rf"[^\W\d_{language.characters}]+")


def count(characters: re.Pattern[str], text: str) -> int:
    """How many characters of the text are of a kind; the pattern matches runs of it."""
    return sum(map(len, characters.findall(text)))
