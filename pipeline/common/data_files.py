"""Data files that belong to the pipeline's code, such as model architectures."""

from pathlib import Path

PIPELINE = Path(__file__).resolve().parents[1]


def data_file(name: str) -> Path:
    """The path of a file or folder below pipeline/.

    The name is a literal: whoever asks what a script's result depends on reads it from the source.
    """
    return PIPELINE / name
