"""Marian's checkpoint of a training that may have been stopped at any moment.

A save replaces the model, then the progress, and the optimizer's state last. Only then Marian validates, and keeps the model that was best.
"""

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.common.outputs import write_text
from pipeline.train.curve import best_value, read_validations

# What Marian writes last into its progress.
LAST_OF_PROGRESS = "seed-corpus"


def parts(model: Path) -> tuple[Path, Path, Path]:
    """A checkpoint's three files in the order in which Marian replaces them: the model, the progress, the optimizer's state."""
    return model, model.with_name(f"{model.name}.progress.yml"), model.with_name(f"{model.name}.optimizer.npz")


def best_model(model: Path, metric: str) -> Path:
    """The checkpoint that was best by a validation metric."""
    return model.with_name(f"{model.name}.best-{metric}.npz")


def is_whole(model: Path) -> bool:
    """Whether all parts are there, and none is cut off."""
    _, progress, optimizer = parts(model)
    return is_archive(model) and is_archive(optimizer) and isinstance(read_progress(progress).get(LAST_OF_PROGRESS), str)


def is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except (zipfile.BadZipFile, EOFError, OSError):
        return False


def update_of(progress: Path) -> int:
    """The number of updates that a checkpoint has seen, 0 where the file does not say."""
    return int(read_progress(progress).get("batches", 0))


def read_progress(progress: Path) -> dict[str, Any]:
    """Marian's progress file, empty where it is missing or is none."""
    import yaml

    try:
        content = yaml.safe_load(progress.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def write_progress(progress: Path, content: dict[str, Any]) -> None:
    import yaml

    write_text(progress, yaml.safe_dump(content, sort_keys=False, width=float("inf")))


def saved_at_once(modified: Sequence[int]) -> bool:
    """Whether parts that were last written at these times are of one save, and none of a save that was stopped half way."""
    return list(modified) == sorted(modified)


def is_of_one_save(model: Path) -> bool:
    return saved_at_once([part.stat().st_mtime_ns for part in parts(model)])


def remove(model: Path) -> None:
    """Removes all that Marian has written for a model."""
    for path in model.parent.glob(f"{model.name}*"):
        path.unlink()


def take_up_validations(model: Path, log: Path) -> None:
    """Tells a checkpoint what was best in the validations of the log, and for how many it has not been surpassed.

    Marian's progress has what it knew when it saved, which is before it validated. Going on from there, it would take the next validation
    for the best one, and replace a better model with it.
    """
    _, progress, _ = parts(model)
    content = read_progress(progress)
    validators = dict(content.get("validators") or {})
    values = read_validations(log)
    for metric in dict.fromkeys(metric for _, metric, _ in values):
        best = best_value([(update, value) for update, name, value in values if name == metric], metric)
        if best:
            at, value = best
            later = {update for update, name, _ in values if name == metric and at < update <= content["batches"]}
            validators[metric] = {"last-best": value, "stalled": len(later)}
    if not validators or validators == content.get("validators"):
        return
    modified = progress.stat().st_mtime_ns
    write_progress(progress, content | {"validators": validators})
    # It still belongs to the same save.
    os.utime(progress, ns=(modified, modified))
