"""The test sets of the package sacrebleu, https://github.com/mjpost/sacrebleu.

A set has directions, `en-it` and maybe `it-en`: which side was translated from which. The provider takes the one of the config or else the
other with its sides swapped, so a set is listed where either is there.
"""

import importlib.metadata
from pathlib import Path

from pipeline.common.script import StepError
from pipeline.data.catalogues.catalogue import Catalogue, Offer, Pair


def source() -> str:
    try:
        return f"sacrebleu {importlib.metadata.version('sacrebleu')}"
    except importlib.metadata.PackageNotFoundError as error:
        raise StepError("the package sacrebleu is not installed") from error


def ask(pair: Pair, folder: Path) -> list[Offer]:
    source()  # says that the package is missing
    from sacrebleu.dataset import DATASETS

    first, second = (language.sacrebleu for language in pair)
    directions = {f"{first}-{second}", f"{second}-{first}"}
    names = sorted(name for name, dataset in DATASETS.items() if directions & set(dataset.langpairs))
    return [Offer(f"sacrebleu_{name}", "evaluation", name) for name in names]


ADVICE = "install requirements/local.txt or requirements/sacrebleu.txt"
CATALOGUE = Catalogue("sacrebleu", ask, source, ADVICE, cached=False)
