"""A training that begins with the weights of another one, or goes on with its whole state."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.common.data_files import data_file
from pipeline.common.marian_model import options_of
from pipeline.common.outputs import atomic_output
from pipeline.common.script import StepError
from pipeline.train.checkpoint import parts, read_progress, write_progress

# Where a model differs in these, its vocabulary does, which is checked where it is taken.
SIZES_OF_VOCABULARIES = ("dim-vocabs",)


def check_architecture(model: Path, options: Mapping[str, Any]) -> None:
    """Raises StepError where a pretrained model has another architecture than the options ask for.

    Marian takes weights by their names, and would begin with random ones for a layer that the model has not. What neither we nor the
    model name is as Marian has it by default.
    """
    has = options_of(model)
    differences = [
        f"{name} is {has[name]}, not {value}"
        for name, value in {**defaults(str(has.get("type"))), **options}.items()
        if name in has and name not in SIZES_OF_VOCABULARIES and str(has[name]).lower() != str(value).lower()
    ]
    if differences:
        raise StepError(f"{model}: not of the architecture that is to be trained: {', '.join(differences)}")


def defaults(type_: str) -> dict[str, Any]:
    """Marian's defaults for an architecture of this type: of RNNs, a transformer has none to compare."""
    import yaml

    parts_of: dict[str, dict[str, Any]] = yaml.safe_load(data_file("train/marian_defaults.yml").read_text(encoding="utf-8"))
    other = "rnn" if type_.startswith("transformer") else "transformer"
    return {name: value for part, options in parts_of.items() if part != other for name, value in options.items()}


def adopt_state(model: Path, pretrained: Path, optimizer: Path, progress: Path) -> None:
    """Copies a training's weights, optimizer and progress as the checkpoint `model`.

    Update numbers go on. What was the best validation does not: it was measured before this training, maybe on another validation set, and
    no checkpoint of it is here.
    """
    state = read_progress(progress)
    if "batches" not in state:
        raise StepError(f"{progress}: not a progress file of Marian")
    state |= {"stalled": 0, "stalled-max": 0}
    state.pop("validators", None)
    weights_copy, progress_copy, optimizer_copy = parts(model)
    copy(pretrained, weights_copy)
    write_progress(progress_copy, state)
    copy(optimizer, optimizer_copy)


def copy(source: Path, target: Path) -> None:
    with atomic_output(target) as partial:
        shutil.copyfile(source, partial)
