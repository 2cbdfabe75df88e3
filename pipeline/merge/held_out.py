"""Keeps held-out text out of training data, line by line and on each side by itself.

A line counts as held out when it is the same but for case, punctuation, blanks and compatibility forms (NFKC): that is what a model has
seen for all practical purposes.

To bring a line into that form takes long. A number that every line of one form has in common is added up from its characters instead, in
any order, and only lines whose number is that of a held-out line are looked at.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.common.blocks import Block, Lines
from pipeline.common.columns import CODE_POINTS, LINE_BREAK, Column
from pipeline.common.line_hashes import Hashes, Mask, contained, hash_lines
from pipeline.common.lines import count_parallel, read_lines
from pipeline.merge.corpora import find_corpora

IGNORED = {"P", "Z", "C"}  # general categories: punctuation, separators, control
# Beyond these there are no characters that fold or decompose, but for the compatibility ideographs.
FOLDING = (range(0x20000), range(0x2F800, 0x2FA20))

Signatures = NDArray[np.uint32]


class Significant(dict[int, int | None]):
    """The table that str.translate asks for each character: None removes it. Filled as characters turn up."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in IGNORED else code
        return self[code]


SIGNIFICANT = Significant()


def comparable(line: str) -> str:
    """What lines that say the same have in common; a line of nothing but punctuation gives ""."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", line).casefold()).translate(SIGNIFICANT)


@cache
def character_values() -> Signatures:
    """What each code point adds to a line's signature: nothing where it is ignored, else the sum of what it decomposes and folds to."""
    values = (np.random.PCG64(1).random_raw(CODE_POINTS) >> np.uint64(32)).astype(np.uint32)
    values[[code for code in range(CODE_POINTS) if unicodedata.category(chr(code))[0] in IGNORED]] = 0
    plain = values.copy()
    for code in chain.from_iterable(FOLDING):
        character = chr(code)
        parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        if parts != character:
            values[code] = plain[list(map(ord, parts))].sum(dtype=np.uint32)
    return values


def signatures(lines: Lines) -> Signatures:
    """A number for each line, the same for all lines with the same comparable form."""
    codes = np.frombuffer(b"\n".join([*lines, b""]), dtype=np.uint8)
    ends = np.flatnonzero(codes == LINE_BREAK)
    starts = np.concatenate([np.zeros(min(len(lines), 1), dtype=np.int64), ends[:-1] + 1])
    # Bytes are characters in lines of ASCII, of which there are many; the others are decoded.
    signed = sums(codes, starts)
    others = np.flatnonzero(np.bitwise_or.reduceat(codes, starts) >= 0x80)
    if len(others):
        column = Column([lines[number] for number in others.tolist()])
        signed[others] = sums(column.codes, column.starts)
    return signed


def sums(codes: NDArray[Any], starts: NDArray[np.int64]) -> Signatures:
    return np.add.reduceat(np.take(character_values(), codes, mode="clip"), starts, dtype=np.uint32)


class HeldOut:
    """The lines of held-out corpora, as sorted hashes for each side: 12 bytes a line. Raises StepError where sides differ in length."""

    def __init__(self, folders: Iterable[Path], *languages: str) -> None:
        corpora = [corpus for folder in folders for corpus in find_corpora(folder, *languages)]
        for corpus in corpora:
            count_parallel(*corpus.paths)  # of a side that was cut off the last lines would not be held out
        sides = [sorted(set(chain.from_iterable(read_lines(corpus.paths[side]) for corpus in corpora))) for side in range(len(languages))]
        self.sides = [np.unique(hash_comparable(lines)) for lines in sides]
        self.signatures = [np.unique(signatures([line.encode() for line in lines])) if lines else np.zeros(0, np.uint32) for lines in sides]

    def leaked(self, block: Block) -> Mask:
        """For each row whether a line of it, on whichever side, is held out there."""
        leaked = np.zeros(len(block[0]), dtype=bool)
        for lines, held_out, signed in zip(block, self.sides, self.signatures, strict=True):
            if len(held_out) == 0:
                continue
            suspects = np.flatnonzero(contained(signatures(lines), signed))
            leaked[suspects] |= contained(hash_comparable(lines[number].decode() for number in suspects.tolist()), held_out)
        return leaked


def hash_comparable(lines: Iterable[str]) -> Hashes:
    return hash_lines(comparable(line).encode() for line in lines)
