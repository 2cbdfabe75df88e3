"""Progress of long work: a bar on a terminal, a line a minute in a log."""

import sys
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Block = TypeVar("Block", bound=Sequence[Sized])


def progress(items: Iterable[Item], description: str, total: int | None = None, unit: str = "lines") -> Iterator[Item]:
    """Yields the items while it shows how many have passed and how fast."""
    yield from bar(items, description, total, unit)


def block_progress(blocks: Iterable[Block], description: str, total: int | None = None) -> Iterator[Block]:
    """As progress, for blocks of lines: it counts lines."""
    with bar(None, description, total, "lines") as shown:
        for block in blocks:
            yield block
            shown.update(len(block[0]))


def bar(items: Iterable[Item] | None, description: str, total: int | None, unit: str) -> tqdm:
    interval = 0.5 if sys.stderr.isatty() else 60
    return tqdm(items, description, total, unit=f" {unit}", unit_scale=True, mininterval=interval, maxinterval=interval, smoothing=0.05)
