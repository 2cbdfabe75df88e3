"""Keeps held-out text out of training data, line by line and on each side by itself.

A line counts as held out when it is the same but for case, punctuation, blanks and compatibility forms (NFKC): that is what a model has
seen for all practical purposes.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from pipeline.common.line_hashes import Hashes, Mask, contained, hash_lines
from pipeline.common.lines import count_parallel, read_lines
from pipeline.merge.corpora import find_corpora

IGNORED = {"P", "Z", "C"}  # general categories: punctuation, separators, control


class Significant(dict[int, int | None]):
    """The table that str.translate asks for each character: None removes it. Filled as characters turn up."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in IGNORED else code
        return self[code]


SIGNIFICANT = Significant()


def comparable(line: str) -> str:
    """What lines that say the same have in common; a line of nothing but punctuation gives ""."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", line).casefold()).translate(SIGNIFICANT)


class HeldOut:
    """The lines of held-out corpora, as sorted hashes for each side: 8 bytes a line. Raises StepError where sides differ in length."""

    def __init__(self, folders: Iterable[Path], *languages: str) -> None:
        corpora = [corpus for folder in folders for corpus in find_corpora(folder, *languages)]
        for corpus in corpora:
            count_parallel(*corpus.paths)  # of a side that was cut off the last lines would not be held out
        sides = [[corpus.paths[side] for corpus in corpora] for side in range(len(languages))]
        self.sides = [np.unique(hash_comparable(chain.from_iterable(map(read_lines, paths)))) for paths in sides]

    def leaked(self, *sides: Sequence[str]) -> Mask:
        """For each row whether a line of it, on whichever side, is held out there."""
        masks = [contained(hash_comparable(lines), held_out) for lines, held_out in zip(sides, self.sides, strict=True)]
        return np.logical_or.reduce(masks)


def hash_comparable(lines: Iterable[str]) -> Hashes:
    return hash_lines(comparable(line).encode() for line in lines)
