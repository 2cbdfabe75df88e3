"""Keeps held-out text out of training data, line by line and on each side by itself.

A line counts as held out when it is the same but for case, punctuation, blanks and compatibility forms (NFKC): that is what a model has
seen for all practical purposes.
"""

import unicodedata
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from pipeline.common.line_hashes import Hashes, Mask, contained, hash_lines
from pipeline.common.lines import read_lines
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
    """The lines of held-out corpora, as sorted hashes for each side: 8 bytes a line."""

    def __init__(self, folders: Iterable[Path], src: str, trg: str) -> None:
        corpora = [corpus for folder in folders for corpus in find_corpora(folder, src, trg)]
        sides = zip(*(corpus.paths for corpus in corpora), strict=True) if corpora else [(), ()]
        self.sides = [np.unique(hash_comparable(chain.from_iterable(map(read_lines, paths)))) for paths in sides]

    def leaked(self, src_lines: list[str], trg_lines: list[str]) -> Mask:
        """For each pair whether its source line or its target line is held out."""
        src_side, trg_side = self.sides
        return contained(hash_comparable(src_lines), src_side) | contained(hash_comparable(trg_lines), trg_side)


def hash_comparable(lines: Iterable[str]) -> Hashes:
    return hash_lines(map(comparable, lines))
