"""Folders for intermediate files."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch_folder(output: Path, purpose: str, work_dir: Path | None = None) -> Iterator[Path]:
    """Makes a folder for the intermediate files of `output`, in `work_dir` or else beside it, and removes it when the block ends well.

    Its name is always the same: a run that is repeated after a crash finds what the last one left, to go on from it or to write it anew.
    """
    folder = (work_dir or output.parent) / f".{output.name}.{purpose}"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)
