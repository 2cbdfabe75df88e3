"""The vocabularies of models that decode together."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.common.script import StepError


def shared_vocab(paths: Sequence[Path]) -> list[Path]:
    """The source and the target vocabulary, given those of every model: all of the source, then as many of the target.

    Raises StepError where two models have different ones: pieces would mean one thing to one of them and another to the other.
    """
    half, odd = divmod(len(paths), 2)
    if odd:
        raise StepError(f"{len(paths)} vocabularies: there is a target vocabulary for every source vocabulary")
    sides = paths[:half], paths[half:]
    for first, *others in sides:
        for other in others:
            if other.read_bytes() != first.read_bytes():
                raise StepError(f"{other} and {first} differ: models that decode together need the same vocabulary")
    return [side[0] for side in sides]
