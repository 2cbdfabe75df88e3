"""A uniform sample of a stream whose length nobody knows, in one pass and in bounded memory.

Each row draws a random key, and the rows with the smallest keys are the sample. Rows that cannot be among them any more are let go at
once: when a bin of the keys' histogram and all bins before it hold as many rows as are wanted, no row of a later bin is. What is kept goes
to disk, of N rows some n(1 + ln(N/n)) for a sample of n, and is sifted at the end, when it is known which keys are the smallest. Of a
stream no longer than the sample everything was kept, and there is nothing to sift.

Method: bottom-k sampling, Cohen and Kaplan 2007, https://doi.org/10.1145/1281100.1281133. Memory: the histogram, 512 kB, and 8 bytes for
each row of one of its 65,536 bins; 4 bytes of disk a row for the keys.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from pipeline.common.blocks import open_block_output
from pipeline.common.texts import TextBlock, read_parallel, write

BIN_BITS = 16
KEY = np.dtype("<u4")
BIN_SHIFT = 8 * KEY.itemsize - BIN_BITS

Keys = NDArray[np.uint32]


class Sample:
    """Draws `size` rows: first `draw` reads the stream, then `blocks` yields the sample, in the stream's order.

    The same rows and seed give the same sample, however the rows come in blocks. `folder` holds what is kept, a file for each side; they
    are not compressed, which would take longer than all else.
    """

    def __init__(self, size: int, seed: int, sides: int, folder: Path) -> None:
        self.size = size
        self.generator = np.random.PCG64(seed)
        self.histogram = np.zeros(1 << BIN_BITS, dtype=np.int64)
        self.last_bin = len(self.histogram) - 1  # rows of the bins after it are not in the sample
        self.available = self.kept = 0
        self.paths: Sequence[Path] = [folder / f"sample.{side}" for side in range(sides)]
        self.keys = folder / "sample.keys"

    @property
    def complete(self) -> bool:
        """Whether the files at `paths` are the sample as they are, since nothing had to be let go."""
        return self.available <= self.size

    def draw(self, blocks: Iterable[TextBlock]) -> None:
        with open_block_output(*self.paths) as writer, self.keys.open("wb") as file:
            for block in blocks:
                keys = self.draw_keys(len(block[0]))
                mask = keys >> BIN_SHIFT <= self.last_bin
                keys[mask].tofile(file)
                write(writer, tuple(text.filter(mask) for text in block))
                self.available += len(keys)
                self.kept += int(mask.sum())

    def draw_keys(self, number: int) -> Keys:
        """Keys of the next rows; lets go of bins that cannot be reached any more."""
        # The generator's raw numbers come one by one, however many are asked for at a time.
        keys = (self.generator.random_raw(number) >> np.uint64(64 - 8 * KEY.itemsize)).astype(KEY)
        self.histogram += np.bincount(keys >> BIN_SHIFT, minlength=len(self.histogram))
        if self.available + number >= self.size:
            self.last_bin = min(self.last_bin, int(np.searchsorted(np.cumsum(self.histogram), self.size)))
        return keys

    def blocks(self) -> Iterator[TextBlock]:
        if self.complete:
            yield from read_parallel(*self.paths)
            return
        wanted = self.size - int(self.histogram[: self.last_bin].sum())  # of the last bin
        threshold, ties = smallest(self.keys_of_last_bin(), wanted)
        with self.keys.open("rb") as file:
            for block in read_parallel(*self.paths):
                keys = read_keys(file, len(block[0]))
                mask = keys < threshold
                tied = np.flatnonzero(keys == threshold)[:ties]
                ties -= len(tied)
                mask[tied] = True
                yield tuple(text.filter(mask) for text in block)

    def keys_of_last_bin(self) -> Keys:
        found = []
        with self.keys.open("rb") as file:
            while len(keys := read_keys(file, 1 << 20)):
                found.append(keys[keys >> BIN_SHIFT == self.last_bin])
        return np.concatenate(found)


def read_keys(file: BinaryIO, number: int) -> Keys:
    return np.frombuffer(file.read(number * KEY.itemsize), dtype=KEY)


def smallest(keys: Keys, number: int) -> tuple[int, int]:
    """The key below which all keys are among the `number` smallest, and of how many rows with this very key the first are, too."""
    ordered = np.sort(keys)
    threshold = int(ordered[number - 1])
    return threshold, number - int(np.searchsorted(ordered, threshold))
