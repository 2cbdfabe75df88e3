"""Keeps held-out text out of training data, line by line and on each side by itself.

A line counts as held out when it is the same but for case, punctuation, blanks and compatibility forms (NFKC): that is what a model has
seen for all practical purposes.

To bring a line into that form takes long. A signature that every line of one form has in common is added up from its characters instead, in
any order, and only lines whose signature is that of a held-out line are looked at.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.clean.normalise import Normaliser
from pipeline.common.columns import CODE_POINTS, code_points, line_starts
from pipeline.common.languages import parse_language
from pipeline.common.line_hashes import Hashes, contained, hash_lines
from pipeline.common.lines import count_parallel, read_lines
from pipeline.common.texts import LINE_BREAK, Bytes, Mask, Numbers, Text, TextBlock
from pipeline.merge.corpora import find_corpora

IGNORED = {"P", "Z", "C"}  # general categories: punctuation, separators, control
# Typed for apostrophes and quotation marks, though Unicode has them among the symbols. NFKC would leave an accent of the second one.
GRAVE, ACUTE = "`", "\u00b4"
# Beyond these there is nothing but code points for private use.
ASSIGNED = (range(0x40000), range(0xE0000, 0xE1000))
# Beyond these there are no characters that fold or decompose, but for the compatibility ideographs.
FOLDING = (range(0x20000), range(0x2F800, 0x2FA20))

SUMS = 3  # of a signature, 8 bits each
FACTORS = (np.uint8(0x9D), np.uint8(0x3B))  # odd: they lose nothing

ASCII = 0x80

Signatures = NDArray[np.uint32]


class Significant(dict[int, int | None]):
    """The table that str.translate asks for each character: None removes it. Filled as characters turn up."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.category(chr(code))[0] in IGNORED or chr(code) == GRAVE else code
        return self[code]


SIGNIFICANT = Significant()


def comparable(line: str) -> str:
    """What lines that say the same have in common; a line of nothing but punctuation gives ""."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", line.replace(ACUTE, "")).casefold()).translate(SIGNIFICANT)


def letter_values(codes: Bytes) -> Iterator[Bytes]:
    """What each character of ASCII adds to the SUMS of a signature: something for a letter, the same in upper and lower case, else nothing.

    Reckoned, not looked up: a processor reckons with dozens of bytes at a time.
    """
    places = codes | np.uint8(0x20)
    places -= np.uint8(ord("a") - 1)
    places *= (places - np.uint8(1) < 26).view(np.uint8)  # now 1 to 26, and 0 for all else, which any factor leaves at 0
    yield places
    for factor in FACTORS:
        places *= factor
        places ^= places >> np.uint8(3)
        yield places


@cache
def character_values() -> Signatures:
    """What each code point beyond ASCII adds to the SUMS, put together into one number: nothing where it is ignored, else what all that it
    decomposes and folds to adds."""
    significant = [code for code in chain.from_iterable(ASSIGNED) if unicodedata.category(chr(code))[0] not in IGNORED]
    values = np.zeros((CODE_POINTS, 4), dtype=np.uint8)
    values[significant, :SUMS] = np.random.Generator(np.random.PCG64(1)).integers(256, size=(len(significant), SUMS), dtype=np.uint8)
    for number, letters in enumerate(letter_values(np.arange(ASCII, dtype=np.uint8))):
        values[:ASCII, number] = letters
    plain = values.copy()
    for code in chain.from_iterable(FOLDING):
        character = chr(code)
        parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
        if parts != character:
            values[code] = plain[list(map(ord, parts))].sum(axis=0, dtype=np.uint8)
    values[ord(ACUTE)] = 0
    values[:ASCII] = 0
    return values.view("<u4")[:, 0]


def signatures(text: Text) -> Signatures:
    """A number for each line, the same for all lines with the same comparable form: SUMS sums, each modulo 256."""
    if not len(text):
        return np.zeros(0, dtype=np.uint32)
    signed = added_up(letter_values(text.codes), text.starts)
    others = np.bitwise_or.reduceat(text.codes, text.starts) >= ASCII
    if others.any():
        left = text.filter(others).codes
        codes = code_points(left[(left >= ASCII) | (left == LINE_BREAK)].tobytes())
        values = np.take(character_values(), codes, mode="clip").view(np.uint8)
        signed[others] += added_up((values[number::4] for number in range(SUMS)), line_starts(np.flatnonzero(codes == LINE_BREAK)))
    return signed.view("<u4")[:, 0]


def added_up(values: Iterable[Bytes], starts: Numbers) -> Bytes:
    """Sums of values over lines, modulo 256; shape: lines x 4, the last one 0."""
    sums = np.zeros((len(starts), 4), dtype=np.uint8)
    for number, each in enumerate(values):
        sums[:, number] = np.add.reduceat(each, starts, dtype=np.uint8)  # with `out`, no other thread would run meanwhile
    return sums


class HeldOut:
    """The lines of held-out corpora, as they are and as cleaning rewrites such lines in training data, which may be another text (`&amp;`).

    For each side there are sorted hashes, up to 16 bytes a line, and 16 MB that mark their signatures. Raises StepError where sides differ
    in length.
    """

    def __init__(self, folders: Iterable[Path], *languages: str) -> None:
        corpora = [corpus for folder in folders for corpus in find_corpora(folder, *languages)]
        for corpus in corpora:
            count_parallel(*corpus.paths)  # of a side that was cut off the last lines would not be held out
        self.sides: list[Hashes] = []
        self.signatures: list[Mask] = []
        sides = zip(*(corpus.paths for corpus in corpora), strict=True) if corpora else [()] * len(languages)
        for language, paths in zip(languages, sides, strict=True):
            raw = sorted({line.encode() for line in chain.from_iterable(map(read_lines, paths))})
            lines = raw + Normaliser(parse_language(language)).lines(raw)
            self.sides.append(np.unique(hash_comparable(line.decode() for line in lines)))
            self.signatures.append(np.zeros(1 << (8 * SUMS), dtype=bool))
            self.signatures[-1][signatures(Text.of_lines(lines))] = True

    def leaked(self, block: TextBlock) -> Mask:
        """For each row whether a line of it, on whichever side, is held out there."""
        leaked = np.zeros(len(block[0]), dtype=bool)
        for text, held_out, signed in zip(block, self.sides, self.signatures, strict=True):
            if len(held_out) == 0:
                continue
            suspects = signed[signatures(text)]
            leaked[suspects] |= contained(hash_comparable(line.decode() for line in text.filter(suspects).lines()), held_out)
        return leaked


def hash_comparable(lines: Iterable[str]) -> Hashes:
    return hash_lines(comparable(line).encode() for line in lines)
