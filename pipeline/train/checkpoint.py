"""Marian's checkpoint of a training that may have been stopped at any moment."""

import logging
import zipfile
from pathlib import Path

logger = logging.getLogger(__name__)


def discard_if_broken(model: Path) -> None:
    """Removes a checkpoint that was being written when the run was killed, so that training begins anew instead of failing on it.

    A checkpoint is three files that Marian writes one after the other, in place: the model, the optimizer's state, the progress.
    """
    optimizer, progress = model.with_name(f"{model.name}.optimizer.npz"), model.with_name(f"{model.name}.progress.yml")
    parts = [model, optimizer, progress]
    present = [path for path in parts if path.exists()]
    if not present:
        return
    if present == parts and is_whole(model) and is_whole(optimizer) and progress.stat().st_size:
        logger.info("going on from the checkpoint %s", model)
        return
    logger.warning("the checkpoint %s is incomplete: training begins anew", model)
    for path in model.parent.glob(f"{model.name}*"):
        path.unlink()


def is_whole(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as file:
            return file.testzip() is None
    except (zipfile.BadZipFile, EOFError, OSError):
        return False
