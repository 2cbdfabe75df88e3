import random

import numpy as np

from pipeline.common.line_hashes import SeenHashes, contained, hash_lines


def test_hashes_are_those_of_every_machine():
    assert hash_lines([b"", b"a", "a\u2028".encode()]).tolist() == [3244421341483603138, 16629034431890738719, 16098241616112695026]


def test_first_occurrences_over_many_batches():
    generator = random.Random(1)
    lines = [str(generator.randrange(3000)) for _ in range(10_000)]
    known: set[str] = set()
    seen = SeenHashes()
    for start in range(0, len(lines), 70):
        batch = lines[start : start + 70]
        expected = []
        for line in batch:
            expected.append(line not in known)
            known.add(line)
        assert seen.add(hash_lines(map(str.encode, batch))).tolist() == expected
    assert sum(map(len, seen.runs)) == len(known)
    assert len(seen.runs) < 12


def test_contained_at_both_ends_and_in_nothing():
    ordered = np.array([2, 5, 9], dtype=np.uint64)
    assert contained(np.array([9, 1, 2, 10, 5], dtype=np.uint64), ordered).tolist() == [True, False, True, False, True]
    assert contained(np.array([1], dtype=np.uint64), np.array([], dtype=np.uint64)).tolist() == [False]
