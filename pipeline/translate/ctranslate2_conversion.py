"""Converts a Marian model to CTranslate2's format, https://opennmt.net/CTranslate2/guides/marian.html.

CTranslate2's own converter does the work, on a copy of the model that differs in what the converter expects otherwise than Marian has it:

- the model's options, special:model.yml, end in exactly one NUL byte; Marian pads them with many;
- sinusoidal positions, which Marian computes and does not save, are part of the copy. The converter would make them with a slightly
  different scale, which changes one translation in a hundred of a small model;
- a vocabulary is a YAML file; Marian reads SentencePiece.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.common.marian_model import OPTIONS, read_model, write_model
from pipeline.common.script import StepError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentencepiece import SentencePieceProcessor

TRAINED_POSITIONS = "Wpos"
POSITIONS = 2048  # no sentence and no translation can be longer


def convert(model: Path, vocabularies: Sequence["SentencePieceProcessor"], folder: Path) -> Path:
    """Writes the model to a folder in `folder`, which is made, and returns it; raises StepError where CTranslate2 cannot run the model."""
    from ctranslate2.converters import MarianConverter

    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "model.npz"
    write_copy(model, copy)
    lists = [folder / f"vocab.{side}.yml" for side in ("src", "trg")]
    for path, vocabulary in zip(lists, vocabularies, strict=True):
        write_vocabulary(vocabulary, path)
    converted = folder / "converted"
    try:
        MarianConverter(str(copy), [str(path) for path in lists]).convert(str(converted), force=True)
    except ValueError as error:
        reasons = " ".join(str(error).split())  # a list, a line for each
        raise StepError(f"{model}: CTranslate2 cannot run this model; use the decoder marian. {reasons}") from error
    copy.unlink()
    return converted


def write_copy(model: Path, copy: Path) -> None:
    import numpy as np

    content = read_model(model, str(model))
    content[OPTIONS] = np.frombuffer(content[OPTIONS].tobytes().rstrip(b"\0") + b"\0", dtype=np.int8)
    if TRAINED_POSITIONS not in content:
        embeddings = next(content[name] for name in ("Wemb", "encoder_Wemb") if name in content)
        content[TRAINED_POSITIONS] = sinusoids(POSITIONS, embeddings.shape[1])
    write_model(copy, content)


def sinusoids(positions: int, width: int) -> "NDArray[np.float32]":
    """Marian's position embeddings, positions x width: half sines, half cosines, wavelengths from 2π to 20,000π, both ends included.

    As in Tensor2Tensor; Vaswani et al. 2017 (https://arxiv.org/abs/1706.03762) leave the last end out.
    """
    import numpy as np

    wavelengths = 10000 ** (np.arange(width // 2) / (width // 2 - 1))
    angles = np.arange(positions)[:, None] / wavelengths
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32)


def write_vocabulary(vocabulary: "SentencePieceProcessor", path: Path) -> None:
    """Each piece with its number, quoted, so that a piece that is a quotation mark or a colon is read as it is."""
    pieces = [vocabulary.id_to_piece(number) for number in range(vocabulary.get_piece_size())]
    path.write_text("".join("'{}': {}\n".format(piece.replace("'", "''"), number) for number, piece in enumerate(pieces)), encoding="utf-8")
