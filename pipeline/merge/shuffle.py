"""A uniform shuffle of more rows than fit into memory.

Each row goes to a bucket drawn at random, each bucket is shuffled in memory, and the buckets are read one after the other: every order of
the rows is equally likely (Rao 1961; Sandelius 1962). Memory: a byte for each row, 8 for a moment, and some six buckets, each
about BUCKET_BYTES of text and 8 bytes for each line. The buckets are not compressed: that would take longer than all else.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow
from numpy.typing import NDArray

from pipeline.common.blocks import read_ahead
from pipeline.common.texts import Mask, Text, TextBlock

BUCKET_BYTES = 16 << 20
COMPRESSION_RATIO = 4  # text over its zstd file, a usual figure
MAX_BUCKETS = 256  # files open at a time, for each side

Drawn = NDArray[np.uint8]


@dataclass(frozen=True)
class Dealt:
    """Rows in the order of their buckets; those of bucket n are `ends[n] - ends[n - 1]` many."""

    rows: TextBlock
    ends: NDArray[np.int64]


class Shuffle:
    """Takes blocks of a line for each of `sides`, in a `with` block, and gives them back shuffled after it.

    `input_bytes` is the size of the compressed files that the rows come from; the buckets lie in `work_dir`. The order depends on
    the rows, `input_bytes` and the seed only.
    """

    def __init__(self, work_dir: Path, sides: int, input_bytes: int, seed: int) -> None:
        self.buckets = min(MAX_BUCKETS, 1 + input_bytes * COMPRESSION_RATIO // BUCKET_BYTES)
        self.paths = [[work_dir / f"bucket.{number}.{side}" for number in range(self.buckets)] for side in range(sides)]
        self.bits = np.random.PCG64(seed)
        self.generator = np.random.Generator(self.bits)
        self.files = ExitStack()
        self.streams: list[list[BinaryIO]] = []
        self.drawn: list[Drawn] = []

    def __enter__(self) -> "Shuffle":
        self.streams = [[self.files.enter_context(path.open("wb")) for path in paths] for paths in self.paths]
        return self

    def __exit__(self, *exception: object) -> None:
        self.files.__exit__(*exception)  # type: ignore[arg-type]

    def add(self, block: TextBlock) -> None:
        self.write(self.deal(block, self.draw(len(block[0]))))

    def draw(self, rows: int) -> Drawn:
        """A bucket for each of the next rows. The generator's raw numbers come one by one, however many are asked for at a time."""
        drawn = ((self.bits.random_raw(rows) >> np.uint64(32)) * np.uint64(self.buckets) >> np.uint64(32)).astype(np.uint8)
        self.drawn.append(drawn)
        return drawn

    def deal(self, block: TextBlock, drawn: Drawn) -> Dealt:
        """Changes nothing here: blocks may be dealt side by side, by several threads."""
        order = np.argsort(drawn, kind="stable")
        return Dealt(tuple(text.take(order) for text in block), np.cumsum(np.bincount(drawn, minlength=self.buckets)))

    def write(self, dealt: Dealt) -> None:
        """Blocks are to be written in the order in which their buckets were drawn."""
        for streams, text in zip(self.streams, dealt.rows, strict=True):
            content, start = text.codes.data, 0
            for stream, end in zip(streams, text.offsets[dealt.ends].tolist(), strict=True):
                stream.write(content[start:end])
                start = end

    def blocks(self, keep: Mask | None = None) -> Iterator[TextBlock]:
        """All rows, or those that `keep` marks among the rows in the order in which they were added."""
        drawn = np.concatenate(self.drawn) if self.drawn else np.zeros(0, dtype=np.uint8)
        ends = np.cumsum(np.bincount(drawn, minlength=self.buckets)).tolist()
        kept = None if keep is None else keep[np.argsort(drawn, kind="stable")]
        with read_ahead(map(take_bucket, zip(*self.paths, strict=True)), depth=1) as buckets:
            for bucket, start, end in zip(buckets, [0, *ends], ends, strict=False):
                rows = np.arange(end - start) if kept is None else np.flatnonzero(kept[start:end])
                order = self.generator.permutation(rows)
                yield tuple(text.take(order) for text in bucket)


def take_bucket(paths: tuple[Path, ...]) -> TextBlock:
    """Reads a bucket and deletes it, which takes its time and is done here beside other work."""
    texts = tuple(Text.of(pyarrow.memory_map(str(path)).read_buffer()) for path in paths)
    for path in paths:
        path.unlink()
    return texts
