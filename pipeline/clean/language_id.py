"""Which lines are in another language than the one they should be in.

The model is sure of itself on a few words too, and often wrong: titles of one to four words are full of names. So a short line is
dropped only where the model is very sure of another language, and a very short one never; it is not asked about these.
"""

from dataclasses import dataclass

import numpy as np

from pipeline.clean.rules import Side
from pipeline.common.columns import Mask
from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import Language


@dataclass(frozen=True)
class Sureness:
    """From so many letters on, another language of at least this probability means that the line is not in the wanted one."""

    letters: int
    probability: float


# Longest first. For scripts with few letters a word (Chinese, Japanese, Korean) letters count by their density, as in the length ratio.
SURENESS = (Sureness(120, 0.5), Sureness(70, 0.7), Sureness(40, 0.85), Sureness(25, 0.95))
# From this on, an answer counts that is a close language, such as Spanish for Portuguese.
SURE_OF_CLOSE = Sureness(60, 0.95)
LETTERS, PROBABILITY = SURENESS[-1].letters, SURENESS[0].probability  # with less, no line is said to be in another language


class LanguageCheck:
    """Asks the model about lines; those with fewer than `min_letters`, and answers of less than `min_probability`, say nothing.

    Neither is below LETTERS and PROBABILITY.
    """

    def __init__(self, min_letters: float, min_probability: float) -> None:
        self.min_letters, self.min_probability = min_letters, min_probability
        self.identifier = LanguageIdentifier()

    def other_language(self, side: Side, rows: Mask) -> Mask:
        """Which of the marked lines the model is sure, for lines so long, not to be in the side's language."""
        letters = side.letters * side.language.density
        asked = np.flatnonzero(rows & (letters >= self.min_letters))
        found = np.zeros(len(side), dtype=bool)
        for number in asked.tolist():
            found[number] = self.is_other(letters[number], *self.identifier.identify(side.text(number)), side.language)
        return found

    def is_other(self, letters: float, code: str, probability: float, language: Language) -> bool:
        if code in language.alike or probability < self.min_probability:
            return False
        enough = (SURE_OF_CLOSE,) if code in language.close else SURENESS
        return any(letters >= sureness.letters and probability >= sureness.probability for sureness in enough)
