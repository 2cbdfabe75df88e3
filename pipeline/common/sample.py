"""A uniform sample of a stream, in the stream's order."""

import random
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def sample(items: Iterable[Item], total: int, size: int, seed: int) -> Iterator[Item]:
    """Yields `size` of the `total` items, each subset equally likely, in one pass and in constant memory; all, where `size` ≥ `total`.

    Selection sampling: D. E. Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
    """
    generator = random.Random(seed)
    for seen, item in enumerate(items):
        if size == 0:
            return
        if generator.random() * (total - seen) < size:
            size -= 1
            yield item
