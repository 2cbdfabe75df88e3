"""Which Bicleaner AI model fits a language pair, and the archive that holds it.

Models are published by direction, nearly all with English first: `en-fr`, and `en-xx` for all pairs with English. There is one of `es-xx`
and `de-xx` each too. A classifier of en-fr scores pairs of fr-en with the columns swapped. No model is made for pairs with neither of the
languages that have an xx model: `en-xx` says nothing of fr-it. https://github.com/bitextor/bicleaner-ai#multilingual-models

The archive holds the model's files in the folder `model`, and `model.json`: what it is, for which pair, and whether the sides are swapped.
"""

import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import zstandard

from pipeline.common.languages import Language
from pipeline.common.lines import open_input, open_output
from pipeline.common.script import StepError

MULTILINGUAL = "xx"
DESCRIPTION = "model.json"
MODEL = "model"
# What the hub's client and git keep beside a model's files; the client's part has the time of the download in it.
NOT_THE_MODEL = {".cache", ".gitattributes"}


@dataclass(frozen=True)
class ModelDescription:
    """`name` as in `bicleaner-ai-download en fr full`: en-fr; `swapped` where the pair's target is the model's source."""

    name: str
    src: str
    trg: str
    swapped: bool


def candidates(src: Language, trg: Language) -> Iterator[tuple[str, str]]:
    """The languages of the models that fit, best first: those of the pair, in either direction, then those of one side and any other."""
    pairs = [(first, second) for first in src.bitextor for second in trg.bitextor]
    yield from pairs
    yield from ((second, first) for first, second in pairs)
    yield from ((code, MULTILINGUAL) for code in (*src.bitextor, *trg.bitextor))


def pack(folder: Path, description: ModelDescription, output: Path) -> None:
    """Writes the archive; the same files give the same bytes: sorted, and without times, owners or permissions."""
    entry = folder / DESCRIPTION
    entry.write_text(json.dumps(asdict(description), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    with open_output(output) as stream, tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        add_file(archive, entry, DESCRIPTION)
        for name, path in model_files(folder / MODEL):
            add_file(archive, path, f"{MODEL}/{name}")


def model_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a model and their names, sorted by name."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in NOT_THE_MODEL:
            yield str(name), path


def add_file(archive: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = path.stat().st_size
    with path.open("rb") as file:
        archive.addfile(entry, file)


def unpack(archive: Path, folder: Path, src: Language, trg: Language) -> tuple[ModelDescription, Path]:
    """Puts the archive's content into `folder`; returns what it says of the model, and the model's folder.

    Raises StepError where the archive is broken, or made for another pair.
    """
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with open_input(archive) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            tar.extractall(folder, filter="data")
        description = ModelDescription(**json.loads((folder / DESCRIPTION).read_text(encoding="utf-8")))
    except (tarfile.TarError, zstandard.ZstdError, EOFError, OSError, ValueError, TypeError) as error:
        raise StepError(f"{archive}: not a model as fetch_bicleaner_model.py packs it ({error})") from error
    if (description.src, description.trg) != (src.tag, trg.tag):
        raise StepError(f"{archive}: the model is for {description.src}-{description.trg}, the corpus is {src.tag}-{trg.tag}")
    return description, folder / MODEL
