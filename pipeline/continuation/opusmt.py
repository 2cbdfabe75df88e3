"""A model of OPUS-MT, https://github.com/Helsinki-NLP/OPUS-MT-train, made one whose vocabularies are SentencePiece models.

There text is cut into pieces outside of Marian, by source.spm and target.spm, and Marian looks the pieces up in a list, usually one that
has those of both sides. Here Marian does both by a SentencePiece model, so piece 17 of the model has to find its embedding in row 17. The
rows of the embeddings, and of the output layer where it has some of its own, are put in the order of each side's pieces. Where the two
sides differ, embeddings that they shared become two tables: the target's stays tied to the output layer. The converted model then
translates as the original did, with these exceptions:

- A character that source.spm does not know is <unk>, though a joint list may know it from the other side.
- A piece of source.spm that target.spm has not can no longer come out as a translation.
- OPUS-MT normalizes punctuation and white space (preprocess.sh) before it cuts a line; nothing here does.

A piece that the list has not gets <unk>'s embedding. As a translation it is UNLIKELY less likely than <unk>, which Marian never writes.
"""

import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.common.marian_model import (
    OPTIONS,
    SHARED_EMBEDDING,
    SOURCE_EMBEDDING,
    TARGET_EMBEDDING,
    Parameters,
    embedded_pieces,
    options_array,
    read_options,
)
from pipeline.common.script import StepError
from pipeline.continuation.vocabulary import load_vocabulary, pieces_of

DECODER = "decoder.yml"
SEGMENTATION = "source.spm", "target.spm"
NEEDED = {".npz", ".yml", ".yaml", ".json", ".spm", ".vocab", ".txt"}  # of a release; logs and scores of test sets may be large

# The output layer, where it is not the target's embedding: a row for each piece, or in old models a column. Transformers, then s2s.
OUTPUT_ROWS = "decoder_ff_logit_out_Wt", "decoder_ff_logit_l2_Wt"
OUTPUT_COLUMNS = "decoder_ff_logit_out_W", "decoder_ff_logit_l2_W"
OUTPUT_BIASES = "decoder_ff_logit_out_b", "decoder_ff_logit_l2_b"

# Nats: a ten-thousandth of a millionth, which no search finds, and yet near enough that training can make such a piece likely again.
UNLIKELY = 20.0

TARGET_LANGUAGE = re.compile(r">>.+<<")

# YAML forbids control characters and takes some separators for line breaks; Marian's reader does neither, and pieces may have them.
# They are read as characters of a private plane.
PRIVATE_PLANE = 0x100000
NOT_IN_YAML = [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF]
HIDDEN = {code: PRIVATE_PLANE + code for code in NOT_IN_YAML}
SHOWN = {hidden: code for code, hidden in HIDDEN.items()}


@dataclass(frozen=True)
class Release:
    """The files of a release: the model, the list of each side's pieces, and what cuts each side's text."""

    model: Path
    lists: tuple[Path, Path]
    segmentation: tuple[Path, Path]


@dataclass(frozen=True)
class Side:
    """One side's vocabulary as it will be: for each piece the row that it has in the original model, and which rows stand in for it."""

    rows: list[int]
    missing: list[int]


def named_files(decoder: Path, origin: str) -> tuple[str, tuple[str, str]]:
    """The names of the model and of the two lists of pieces, from a release's decoder.yml."""
    import yaml

    try:
        options = yaml.safe_load(decoder.read_text(encoding="utf-8"))
        models, vocabs = ([Path(name).name for name in options[key]] for key in ("models", "vocabs"))
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError) as error:
        raise StepError(f"{origin}: {DECODER} names no models and vocabs ({error})") from error
    if len(models) != 1 or len(vocabs) != 2:
        raise StepError(f"{origin}: {DECODER} names {len(models)} models and {len(vocabs)} vocabs; one and two can be converted")
    return models[0], (vocabs[0], vocabs[1])


def unpack(archive: Path, folder: Path, origin: str) -> None:
    """Writes what is needed of a release to `folder`, which is made; raises StepError where the zip is broken."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(archive) as release:
            for entry in release.infolist():
                name = Path(entry.filename).name
                if Path(name).suffix in NEEDED and not entry.is_dir():
                    (folder / name).write_bytes(release.read(entry))
    except (zipfile.BadZipFile, EOFError) as error:
        raise StepError(f"{origin}: a broken zip ({error})") from error


def find_release(folder: Path, origin: str) -> Release:
    """The files of an unpacked release; raises StepError that says what is missing."""
    if not (folder / DECODER).is_file():
        raise StepError(f"{origin}: no {DECODER} in it, is this a release of OPUS-MT?")
    model_name, list_names = named_files(folder / DECODER, origin)
    model, lists = folder / model_name, (folder / list_names[0], folder / list_names[1])
    missing = [path.name for path in dict.fromkeys([model, *lists]) if not path.is_file()]
    if missing:
        raise StepError(f"{origin}: no {', '.join(missing)} in it")
    return Release(model, lists, (folder / SEGMENTATION[0], folder / SEGMENTATION[1]))


def read_list(path: Path, origin: str) -> dict[str, int]:
    """Row by piece, from a list that Marian reads: YAML or JSON, a SentencePiece model, or text with a piece a line."""
    if path.suffix == ".spm":
        return {piece: row for row, piece in enumerate(pieces_of(load_vocabulary(path, f"{origin}: {path.name}")))}
    text = path.read_text(encoding="utf-8")
    if path.suffix not in {".yml", ".yaml", ".json"}:
        return {piece: row for row, piece in enumerate(text.removesuffix("\n").split("\n"))}
    import yaml

    try:
        if path.suffix == ".json":
            return {piece: int(row) for piece, row in json.loads(text).items()}
        # All values as text: without that, the piece "no" is False.
        rows = yaml.load(text.translate(HIDDEN), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
        return {piece.translate(SHOWN): int(row) for piece, row in rows.items()}
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise StepError(f"{origin}: {path.name} is no list of pieces ({' '.join(str(error).split())})") from error


def side_of(listed: Mapping[str, int], size: int, vocabulary: Any, origin: str) -> Side:
    """Where the pieces of `vocabulary` are in a model with `size` rows; raises StepError where the model has no </s> or <unk>."""
    end, unknown = (listed.get(piece, size) for piece in ("</s>", "<unk>"))
    if max(end, unknown) >= size:
        raise StepError(f"{origin}: the vocabulary has no </s> or no <unk> among the {size} rows of the embeddings")
    special = {vocabulary.eos_id(): end, vocabulary.unk_id(): unknown}
    rows, missing = [], []
    for number, piece in enumerate(pieces_of(vocabulary)):
        row = special.get(number, listed.get(piece, size))
        if row >= size:
            missing.append(number)
        rows.append(row if row < size else unknown)
    return Side(rows, missing)


def check_target_languages(listed: Mapping[str, int], origin: str) -> None:
    labels = sorted(piece for piece in listed if TARGET_LANGUAGE.fullmatch(piece))
    if labels:
        raise StepError(
            f"{origin}: the model wants the target language at the beginning of every sentence ({' '.join(labels[:5])}"
            f"{' …' if len(labels) > 5 else ''}), which nothing writes there; use a model with one target language that has no such label"
        )


def convert(
    parameters: Parameters, lists: Sequence[Mapping[str, int]], vocabularies: Sequence[Any], joint: bool, origin: str
) -> tuple[Parameters, list[Side]]:
    """The parameters for these vocabularies, `joint` where both are the same; and where the pieces came from.

    Raises StepError for a model whose parameters are not those of a translation model with one output layer.
    """
    check_target_languages(lists[0], origin)
    sizes = embedded_pieces(parameters, origin)
    source, target = (side_of(*given, origin) for given in zip(lists, sizes, vocabularies, strict=True))
    biases = [name for name in OUTPUT_BIASES if name in parameters]
    if len(biases) != 1:
        raise StepError(f"{origin}: no {' or '.join(OUTPUT_BIASES)}; an output layer without bias, or of factors, cannot be converted")

    options = read_options(parameters, origin)
    converted: Parameters = {}
    for name, values in parameters.items():
        if name == SHARED_EMBEDDING and not (joint and source == target):
            converted[SOURCE_EMBEDDING], converted[TARGET_EMBEDDING] = values[source.rows], values[target.rows]
            tied = not any(output in parameters for output in (*OUTPUT_ROWS, *OUTPUT_COLUMNS))
            options |= {"tied-embeddings-all": False, "tied-embeddings-src": False, "tied-embeddings": tied}
        elif name in {SHARED_EMBEDDING, SOURCE_EMBEDDING}:
            converted[name] = values[source.rows]
        elif name in {TARGET_EMBEDDING, *OUTPUT_ROWS}:
            converted[name] = values[target.rows]
        elif name in OUTPUT_COLUMNS:
            converted[name] = values[:, target.rows]
        elif name in OUTPUT_BIASES:
            converted[name] = values[:, target.rows]
            converted[name][:, target.missing] -= UNLIKELY
        else:
            converted[name] = values
    options["dim-vocabs"] = [len(source.rows), len(target.rows)]
    converted[OPTIONS] = options_array(options)
    return converted, [source, target]
