import random
from pathlib import Path

import numpy as np
import pytest

from pipeline.common.blocks import encoded
from pipeline.common.texts import TextBlock, as_blocks, as_texts
from pipeline.data.sampling import Sample


def blocks(rows: int, size: int) -> list[TextBlock]:
    return list(as_texts(encoded(((f"a {number}", f"b {number}") for number in range(rows)), sides=2, size=size)))


def drawn(folder: Path, rows: int, size: int, seed: int = 1, block: int = 100) -> tuple[Sample, list[int]]:
    sample = Sample(size, seed, 2, folder)
    sample.draw(blocks(rows, block))
    pairs = [pair for block_ in as_blocks(sample.blocks()) for pair in zip(*block_, strict=True)]
    numbers = [int(first.split()[1]) for first, _ in pairs]
    assert pairs == [(b"a %d" % number, b"b %d" % number) for number in numbers]
    return sample, numbers


@pytest.mark.parametrize(("rows", "size"), [(10_000, 1), (10_000, 777), (10_000, 9_999), (3, 2)])
def test_as_many_rows_as_asked_for_in_order(tmp_path: Path, rows: int, size: int):
    sample, numbers = drawn(tmp_path, rows, size)
    assert len(numbers) == size and numbers == sorted(set(numbers))
    assert sample.available == rows and not sample.complete


@pytest.mark.parametrize("size", [1000, 1001, 10**9])
def test_no_more_rows_than_the_sample(tmp_path: Path, size: int):
    sample, numbers = drawn(tmp_path, 1000, size)
    assert numbers == list(range(1000)) and sample.complete


def test_the_same_however_the_rows_come(tmp_path: Path):
    _, numbers = drawn(tmp_path, 5000, 500)
    assert drawn(tmp_path, 5000, 500, block=1)[1] == numbers == drawn(tmp_path, 5000, 500, block=4999)[1]
    assert drawn(tmp_path, 5000, 500, seed=2)[1] != numbers


def test_what_is_kept_on_the_way_is_bounded(tmp_path: Path):
    sample, _ = drawn(tmp_path, 200_000, 1000, block=1000)
    # n(1 + ln(N/n)) = 6,300, and what the first blocks and the width of a bin add.
    assert sample.kept < 10_000


def test_each_row_is_as_likely(tmp_path: Path):
    counts = [0] * 60
    for seed in range(160):
        for number in drawn(tmp_path, 60, 15, seed=seed, block=7)[1]:
            counts[number] += 1
    # 40 expected, with a standard deviation of 5.5.
    assert min(counts) > 18 and max(counts) < 62
    assert abs(sum(counts[:30]) - 1200) < 100


def test_ties_go_to_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Few:
        """Draws from a few keys only."""

        def __init__(self, seed: int) -> None:
            self.random = random.Random(seed)

        def random_raw(self, number: int) -> np.ndarray:
            return np.array([self.random.randrange(3) << 60 for _ in range(number)], dtype=np.uint64)

    monkeypatch.setattr("pipeline.data.sampling.np.random.PCG64", Few)
    generator = random.Random(1)
    keys = [generator.randrange(3) for _ in range(1000)]
    expected = sorted(range(1000), key=lambda number: (keys[number], number))[:500]
    assert drawn(tmp_path, 1000, 500)[1] == sorted(expected)
