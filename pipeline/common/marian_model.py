"""A model as Marian saves it: an npz of its parameters, with its options as YAML text among them."""

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.common.script import StepError

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPTIONS = "special:model.yml"
Parameters = dict[str, "NDArray[Any]"]

SHARED_EMBEDDING, SOURCE_EMBEDDING, TARGET_EMBEDDING = "Wemb", "encoder_Wemb", "decoder_Wemb"


def read_model(path: Path, origin: str) -> Parameters:
    """All parameters by name, in the file's order; raises StepError, naming `origin`, where it is broken or no model of Marian."""
    parameters = read_npz(path, origin)
    if OPTIONS not in parameters:
        raise StepError(f"{origin}: no {OPTIONS} in it, this is not a model that Marian saved")
    return parameters


def read_npz(path: Path, origin: str) -> Parameters:
    """All arrays by name; raises StepError where the file is none, or a checksum in it is wrong."""
    import numpy as np

    if not zipfile.is_zipfile(path):
        raise StepError(f"{origin}: not an npz, or cut off")
    try:
        with np.load(path) as arrays:
            return dict(arrays.items())
    except (ValueError, EOFError, OSError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        raise StepError(f"{origin}: a broken npz ({error})") from error


def options_of(path: Path) -> dict[str, Any]:
    """The options that a model was made with, without reading its weights; raises StepError."""
    import numpy as np

    try:
        with np.load(path) as arrays:
            return read_options({OPTIONS: arrays[OPTIONS]}, str(path))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StepError(f"{path}: not a model that Marian saved ({error})") from error


def read_options(parameters: Parameters, origin: str) -> dict[str, Any]:
    """Marian pads the text with NUL bytes."""
    import yaml

    try:
        options = yaml.safe_load(parameters[OPTIONS].tobytes().rstrip(b"\0").decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StepError(f"{origin}: {OPTIONS} cannot be read ({error})") from error
    if not isinstance(options, dict):
        raise StepError(f"{origin}: {OPTIONS} has no options")
    return options


def options_array(options: Mapping[str, Any]) -> "NDArray[Any]":
    import numpy as np
    import yaml

    return np.frombuffer(yaml.safe_dump(dict(options)).encode("utf-8") + b"\0", dtype=np.int8)


def embedded_pieces(parameters: Parameters, origin: str) -> tuple[int, int]:
    """How many pieces the source's and the target's embeddings have; raises StepError where there are none."""
    tables = [parameters.get(name, parameters.get(SHARED_EMBEDDING)) for name in (SOURCE_EMBEDDING, TARGET_EMBEDDING)]
    if any(table is None or table.ndim != 2 for table in tables):
        raise StepError(f"{origin}: no embeddings, expected {SHARED_EMBEDDING} or {SOURCE_EMBEDDING} and {TARGET_EMBEDDING}")
    source, target = (len(table) for table in tables if table is not None)
    return source, target


def write_model(path: Path, parameters: Parameters) -> None:
    """The same parameters give the same bytes: numpy gives every entry of the archive the same date."""
    import numpy as np

    with path.open("wb") as file:
        # numpy's types take any name for its own option allow_pickle, a bool.
        np.savez(file, **parameters)  # type: ignore[arg-type]
