"""Of the rows that share a text, the best one: by hashes and scores of all rows, without the text.

Memory: 12 bytes a row (a hash, a score) and 1 byte for the answer, and what a part of the hashes for each thread takes while it is sorted.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from pipeline.common.line_hashes import Hashes
from pipeline.common.texts import Mask, Numbers
from pipeline.common.workers import ordered_map_in_threads

Scores = NDArray[np.float32]

PART_BITS = 5  # the hashes are sorted in 32 parts, by their first bits


def best_rows(hashes: Hashes, scores: Scores, threads: int = 1) -> Mask:
    """Marks one row for each hash: the one with the highest score, of several the first. A score below 0 keeps a row out altogether."""
    best = np.zeros(len(hashes), dtype=bool)
    for rows in ordered_map_in_threads(partial(best_of_part, hashes, scores), range(1 << PART_BITS), threads):
        best[rows] = True
    return best


def best_of_part(hashes: Hashes, scores: Scores, part: int) -> Numbers:
    """The best rows of those whose hashes begin with the bits of `part`."""
    rows = np.flatnonzero((hashes >> np.uint64(64 - PART_BITS) == part) & (scores >= 0))
    if len(rows) == 0:
        return rows
    order = rows[np.argsort(hashes[rows])]
    ordered = hashes[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    highest = np.repeat(np.maximum.reduceat(scores[order], starts), np.diff(starts, append=len(order)))
    # Sorting leaves rows of one hash in any order.
    return np.minimum.reduceat(np.where(scores[order] == highest, order, len(hashes)), starts)
