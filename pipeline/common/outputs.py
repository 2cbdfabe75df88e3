"""Files that appear complete or not at all: written beside, fsynced, renamed."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_output(path: Path) -> Iterator[Path]:
    """Yields a path beside `path` to write to; it becomes `path` when the block ends well, and is removed otherwise.

    The temporary name is always the same, so that what a killed run left behind is overwritten and never piles up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        with open(partial, "rb") as written:
            os.fsync(written.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def write_text(path: Path, text: str) -> None:
    with atomic_output(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path | None, data: object) -> None:
    """Writes `data` with sorted keys, so that equal data gives equal bytes; does nothing where `path` is None."""
    if path is not None:
        write_text(path, json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
