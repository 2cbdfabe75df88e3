"""Progress of long work: a bar on a terminal, a line a minute in a log."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], description: str, total: int | None = None, unit: str = "lines") -> Iterator[Item]:
    """Yields the items while it shows how many have passed and how fast."""
    interval = 0.5 if sys.stderr.isatty() else 60
    bar = tqdm(items, description, total, unit=f" {unit}", unit_scale=True, mininterval=interval, maxinterval=interval, smoothing=0.05)
    yield from bar
