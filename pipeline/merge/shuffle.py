"""A uniform shuffle of more rows than fit into memory.

Each row goes to a bucket drawn at random, each bucket is shuffled in memory, and the buckets are read one after the other: every order of
the rows is equally likely (Rao 1961; Sandelius 1962). Memory: the largest bucket, which is about BUCKET_BYTES of text.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from pipeline.common.lines import ParallelWriter, open_output, read_parallel

BUCKET_BYTES = 256 << 20
COMPRESSION_RATIO = 4  # text over its zstd file, a usual figure
MAX_BUCKETS = 256  # files open at a time


class Shuffle:
    """Takes rows of a line for each of `sides`, in a `with` block, and gives them back shuffled after it.

    `input_bytes` is the size of the compressed files that the rows come from; the buckets lie in `work_dir`. The order depends on
    the rows, `input_bytes` and the seed only.
    """

    def __init__(self, work_dir: Path, sides: int, input_bytes: int, seed: int) -> None:
        buckets = min(MAX_BUCKETS, 1 + input_bytes * COMPRESSION_RATIO // BUCKET_BYTES)
        self.paths = [[work_dir / f"bucket.{number}.{side}.zst" for side in range(sides)] for number in range(buckets)]
        self.generator = random.Random(seed)
        self.files = ExitStack()
        self.writers: list[ParallelWriter] = []

    def __enter__(self) -> "Shuffle":
        self.writers = [ParallelWriter([self.files.enter_context(open_output(path)) for path in sides]) for sides in self.paths]
        return self

    def __exit__(self, *exception: object) -> None:
        self.files.__exit__(*exception)  # type: ignore[arg-type]

    def add(self, *row: str) -> None:
        self.generator.choice(self.writers).write(*row)

    def rows(self) -> Iterator[tuple[str, ...]]:
        for sides in self.paths:
            bucket = list(read_parallel(*sides))
            self.generator.shuffle(bucket)
            yield from bucket
