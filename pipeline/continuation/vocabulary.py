"""A SentencePiece vocabulary as Marian needs it."""

import logging
from pathlib import Path
from typing import Any

from pipeline.common.script import StepError


def load_vocabulary(path: Path, origin: str) -> Any:
    """The SentencePieceProcessor; raises StepError, naming `origin`, where Marian could not work with the file.

    Marian ends every sentence with the vocabulary's </s>, and takes <unk> out of its translations.
    """
    import sentencepiece

    try:
        vocabulary = sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise StepError(f"{origin}: not a SentencePiece model ({error})") from error
    for name, number in (("</s>", vocabulary.eos_id()), ("<unk>", vocabulary.unk_id())):
        if number < 0:
            raise StepError(f"{origin}: no {name} among the {len(vocabulary)} pieces, Marian cannot do without")
    if len(vocabulary) % 8:
        logging.warning(
            "%s: %d pieces are not divisible by 8: GPUs work slower, and no browser can run a student with them", origin, len(vocabulary)
        )
    return vocabulary


def pieces_of(vocabulary: Any) -> list[str]:
    return [vocabulary.id_to_piece(number) for number in range(len(vocabulary))]
