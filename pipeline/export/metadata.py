"""metadata.json of an exported model: what a registry of models needs to know of it.

The keys are those under which models for Firefox are registered: sourceLanguage, targetLanguage, architecture and version; byteSize and
hash (SHA-256, hexadecimal) of the model unpacked; modelConfig, Marian's options that the model was trained with; modelStatistics,
numbers of weights and the bytes they take. `files` adds size and hash of every file, plain and gzipped.
"""

import hashlib
from collections.abc import Iterable, Sequence
from math import prod
from pathlib import Path
from typing import Any

from pipeline.common.script import StepError
from pipeline.quantize.binary_format import INT8, Item, read_items
from pipeline.quantize.browser_format import EMBEDDINGS

MODEL_CONFIG = "special:model.yml"


def model_metadata(files: Sequence[Path], src: str, trg: str, *, architecture: str, version: str) -> dict[str, Any]:
    """Describes exported files, the model first; each has a gzipped copy beside it."""
    model = files[0]
    items = read_items(model)
    described = {file.name: {"plain": size_and_hash(file), "gzipped": size_and_hash(Path(f"{file}.gz"))} for file in files}
    return {
        "sourceLanguage": src,
        "targetLanguage": trg,
        "architecture": architecture,
        "version": version,
        **described[model.name]["plain"],
        "modelConfig": model_config(model, items),
        "modelStatistics": model_statistics(items),
        "files": described,
    }


def size_and_hash(file: Path) -> dict[str, int | str]:
    with file.open("rb") as stream:
        return {"byteSize": file.stat().st_size, "hash": hashlib.file_digest(stream, "sha256").hexdigest()}


def model_config(model: Path, items: Iterable[Item]) -> Any:
    """The options that Marian keeps in the model, as a mapping; raises StepError where there are none."""
    import yaml

    for item in items:
        if item.name == MODEL_CONFIG and item.type == INT8:
            # Padded with NULs.
            return yaml.safe_load(item.data.rstrip(b"\0"))
    raise StepError(f"{model}: no item {MODEL_CONFIG}: Marian writes one into every model")


def model_statistics(items: Iterable[Item]) -> dict[str, int]:
    """Weights (parameters) and bytes of a model and of its parts; embeddings are told apart from the layers of encoder and decoder."""
    statistics = {f"{part}{unit}": 0 for part in ("", "embeddings_", "encoder_", "decoder_") for unit in ("parameters", "bytes")}
    for item in items:
        if item.name.startswith("special:"):
            continue
        part = "embeddings_" if item.name in EMBEDDINGS else f"{item.name.partition('_')[0]}_"
        for counted, amount in (("parameters", prod(item.shape)), ("bytes", len(item.data))):
            statistics[counted] += amount
            if f"{part}{counted}" in statistics:
                statistics[f"{part}{counted}"] += amount
    return statistics
