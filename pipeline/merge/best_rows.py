"""Of the rows that share a text, the best one: by hashes and scores of all rows, without the text.

Memory: 12 bytes a row (a hash, a score) and 1 byte for the answer, and what one part of the hashes takes while it is sorted.
"""

import numpy as np
from numpy.typing import NDArray

from pipeline.common.line_hashes import Hashes, Mask

Scores = NDArray[np.float32]

PART_BITS = 5  # the hashes are sorted in 32 parts, by their first bits


def best_rows(hashes: Hashes, scores: Scores) -> Mask:
    """Marks one row for each hash: the one with the highest score, of several the first. A score below 0 keeps a row out altogether."""
    best = np.zeros(len(hashes), dtype=bool)
    shift = np.uint64(64 - PART_BITS)
    for part in range(1 << PART_BITS):
        rows = np.flatnonzero((hashes >> shift == part) & (scores >= 0))
        if len(rows) == 0:
            continue
        order = rows[np.argsort(hashes[rows])]
        ordered = hashes[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        highest = np.repeat(np.maximum.reduceat(scores[order], starts), np.diff(starts, append=len(order)))
        # Sorting leaves rows of one hash in any order.
        best[np.minimum.reduceat(np.where(scores[order] == highest, order, len(hashes)), starts)] = True
    return best
