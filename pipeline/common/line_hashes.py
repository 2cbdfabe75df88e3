"""Lines as 64-bit hashes, for sets of lines that would not fit into memory as text.

Two different lines have the same hash once in 2^64 pairs: among a billion lines a single such pair is not expected (n²/2^65 = 0.03).
Memory: 8 bytes a line, twice that for a moment while runs are merged.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from pipeline.common.blocks import Lines

Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]


def hash_lines(lines: Iterable[bytes]) -> Hashes:
    """One hash for each line, the same on every machine and in every run: XXH3, https://xxhash.com."""
    return np.fromiter(map(xxh3_64_intdigest, lines), dtype=np.uint64)


def hash_rows(sides: Sequence[Lines]) -> Hashes:
    """One hash for each row, which is a line of each side."""
    return hash_lines(sides[0] if len(sides) == 1 else map(b"\n".join, zip(*sides, strict=True)))


def contained(hashes: NDArray[Any], ordered: NDArray[Any]) -> Mask:
    """For each hash whether it is in `ordered`, which is sorted."""
    if len(ordered) == 0:
        return np.zeros(len(hashes), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)
    return np.equal(ordered[places], hashes)


class SeenHashes:
    """A set of hashes that grows batch by batch.

    It is kept as sorted runs, each at least twice as long as the next, as a log-structured merge tree keeps them
    (O'Neil et al., 1996): adding costs O(log n) amortised for a hash, and a look-up one binary search in each of O(log n) runs.
    """

    def __init__(self) -> None:
        self.runs: list[Hashes] = []

    def add(self, hashes: Hashes) -> Mask:
        """Adds a batch; tells for each hash whether this is its first occurrence, in the batch and in all batches before."""
        distinct, places = np.unique(hashes, return_index=True)
        new = np.ones(len(distinct), dtype=bool)
        for run in self.runs:
            new &= ~contained(distinct, run)
        first = np.zeros(len(hashes), dtype=bool)
        first[places[new]] = True
        self.append(distinct[new])
        return first

    def append(self, run: Hashes) -> None:
        """Keeps the lengths of the runs falling by half: a run that is too long for its place is merged with the one before it."""
        while self.runs and len(self.runs[-1]) < 2 * len(run):
            run = np.sort(np.concatenate([self.runs.pop(), run]), kind="stable")
        if len(run):
            self.runs.append(run)
