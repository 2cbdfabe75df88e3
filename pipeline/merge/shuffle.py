"""A uniform shuffle of more rows than fit into memory.

Each row goes to a bucket drawn at random, each bucket is shuffled in memory, and the buckets are read one after the other: every order of
the rows is equally likely (Rao 1961; Sandelius 1962). Memory: a byte for each row, and three buckets, each
about BUCKET_BYTES of text and 60 bytes for each line. The buckets are not compressed: that would take longer than all else.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.common.blocks import Block, BlockWriter, Lines, read_ahead, read_parallel_blocks
from pipeline.common.line_hashes import Mask

BUCKET_BYTES = 16 << 20
COMPRESSION_RATIO = 4  # text over its zstd file, a usual figure
MAX_BUCKETS = 256  # files open at a time


class Shuffle:
    """Takes blocks of a line for each of `sides`, in a `with` block, and gives them back shuffled after it.

    `input_bytes` is the size of the compressed files that the rows come from; the buckets lie in `work_dir`. The order depends on
    the rows, `input_bytes` and the seed only.
    """

    def __init__(self, work_dir: Path, sides: int, input_bytes: int, seed: int) -> None:
        buckets = min(MAX_BUCKETS, 1 + input_bytes * COMPRESSION_RATIO // BUCKET_BYTES)
        self.paths = [[work_dir / f"bucket.{number}.{side}" for side in range(sides)] for number in range(buckets)]
        self.bits = np.random.PCG64(seed)
        self.generator = np.random.Generator(self.bits)
        self.files = ExitStack()
        self.writers: list[BlockWriter] = []
        self.drawn: list[NDArray[np.uint8]] = []

    def __enter__(self) -> "Shuffle":
        def open_bucket(sides: list[Path]) -> BlockWriter:
            return BlockWriter([self.files.enter_context(path.open("wb")) for path in sides])

        self.writers = list(map(open_bucket, self.paths))
        return self

    def __exit__(self, *exception: object) -> None:
        self.files.__exit__(*exception)  # type: ignore[arg-type]

    def add(self, block: Block) -> None:
        drawn = self.draw(len(self.writers), len(block[0]))
        self.drawn.append(drawn)
        order = np.argsort(drawn, kind="stable")
        ends = np.cumsum(np.bincount(drawn, minlength=len(self.writers))).tolist()
        dealt = [reordered(lines, order.tolist()) for lines in block]
        for writer, start, end in zip(self.writers, [0, *ends], ends, strict=False):
            writer.write(*(lines[start:end] for lines in dealt))

    def draw(self, buckets: int, rows: int) -> NDArray[np.uint8]:
        """A bucket for each row. The generator's raw numbers come one by one, however many are asked for at a time."""
        return (self.bits.random_raw(rows) % np.uint64(buckets)).astype(np.uint8)

    def blocks(self, keep: Mask | None = None) -> Iterator[Block]:
        """All rows, or those that `keep` marks among the rows in the order in which they were added."""
        drawn = np.concatenate(self.drawn) if self.drawn else np.zeros(0, dtype=np.uint8)
        with read_ahead(map(read_bucket, self.paths), depth=1) as buckets:
            for number, bucket in enumerate(buckets):
                rows = np.arange(len(bucket[0])) if keep is None else np.flatnonzero(keep[drawn == number])
                order = self.generator.permutation(rows).tolist()
                yield tuple(reordered(lines, order) for lines in bucket)


def read_bucket(paths: list[Path]) -> Block:
    sides: list[Lines] = [[] for _ in paths]
    for block in read_parallel_blocks(*paths):
        for side, lines in zip(sides, block, strict=True):
            side.extend(lines)
    return tuple(sides)


def reordered(lines: Lines, order: list[int]) -> Lines:
    return list(map(lines.__getitem__, order))
