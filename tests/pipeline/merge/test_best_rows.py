import random

import numpy as np
import pytest

from pipeline.merge.best_rows import best_rows


@pytest.mark.parametrize("threads", [1, 3])
def test_the_best_score_wins_and_of_several_the_first(threads: int):
    generator = random.Random(1)
    hashes = [generator.choice([1, 2, 3, 2**63, 2**64 - 1, generator.getrandbits(64)]) for _ in range(5000)]
    scores = [generator.choice([-1.0, 0.0, 0.25, 0.5, 1.0]) for _ in hashes]
    best: dict[int, int] = {}
    for row, (hashed, score) in enumerate(zip(hashes, scores, strict=True)):
        if score >= 0 and (hashed not in best or score > scores[best[hashed]]):
            best[hashed] = row
    marked = best_rows(np.array(hashes, dtype=np.uint64), np.array(scores, dtype=np.float32), threads)
    assert np.flatnonzero(marked).tolist() == sorted(best.values())
    assert len(best) > 600


def test_no_rows():
    assert best_rows(np.array([], dtype=np.uint64), np.array([], dtype=np.float32)).tolist() == []
