"""Which lines are in another language than the one they should be in.

The model is sure of itself on a few words too, and often wrong: titles of one to four words are full of names. So a short line is
dropped only where the model is very sure of another language, and a very short one never.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import Language
from pipeline.common.letters import LETTERS, count


@dataclass(frozen=True)
class Sureness:
    """From so many letters on, another language of at least this probability means that the line is not in the wanted one."""

    letters: int
    probability: float


# Longest first. For scripts with few letters a word (Chinese, Japanese, Korean) letters count by their density, as in the length ratio.
SURENESS = (Sureness(120, 0.5), Sureness(70, 0.7), Sureness(40, 0.85), Sureness(25, 0.95))


def other_language(identifier: LanguageIdentifier, lines: Sequence[str], language: Language) -> list[bool]:
    """For each line whether the model is sure, for a line so long, that it is neither in `language` nor in a close one."""
    return [is_other(line, *identifier.identify(line), language) for line in lines]


def is_other(line: str, found: str, probability: float, language: Language) -> bool:
    if found in language.close or probability < SURENESS[0].probability:
        return False
    letters = count(LETTERS, line) * language.density
    return any(letters >= sureness.letters and probability >= sureness.probability for sureness in SURENESS)
