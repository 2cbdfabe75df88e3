"""Marian's checkpoint of a training that may have been stopped at any moment."""

import logging
import zipfile
from pathlib import Path

logger = logging.getLogger(__name__)


def parts(model: Path) -> tuple[Path, Path, Path]:
    """A checkpoint's three files, which Marian writes one after the other, in place: the model, the optimizer's state, the progress."""
    return model, model.with_name(f"{model.name}.optimizer.npz"), model.with_name(f"{model.name}.progress.yml")


def found(model: Path) -> bool:
    """Whether there is a checkpoint to go on from.

    One that was being written when the run was killed is removed, so that training begins anew instead of failing on it.
    """
    expected = list(parts(model))
    present = [path for path in expected if path.exists()]
    if not present:
        return False
    _, optimizer, progress = expected
    if present == expected and is_whole(model) and is_whole(optimizer) and progress.stat().st_size:
        logger.info("going on from the checkpoint %s", model)
        return True
    logger.warning("the checkpoint %s is incomplete: training begins anew", model)
    for path in model.parent.glob(f"{model.name}*"):
        path.unlink()
    return False


def is_whole(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as file:
            return file.testzip() is None
    except (zipfile.BadZipFile, EOFError, OSError):
        return False
