"""Data files that belong to the pipeline's code, such as model architectures."""

from pathlib import Path

from pipeline.common.script import StepError

PIPELINE = Path(__file__).resolve().parents[1]


def data_file(name: str) -> Path:
    """The path of a file or folder below pipeline/.

    The name is a literal: whoever asks what a script's result depends on reads it from the source.
    """
    return PIPELINE / name


def data_choice(folder: str, name: str) -> Path:
    """The file of a folder below pipeline/ that an argument names without its suffix; raises StepError that lists the names there are.

    The folder is a literal, as for data_file.
    """
    files = {file.stem: file for file in (PIPELINE / folder).iterdir()}
    if name not in files:
        raise StepError(f"there is no {name} in {Path(folder).name}: {', '.join(sorted(files))}")
    return files[name]
