"""A uniform sample of a stream of unknown length."""

import random
from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


def reservoir_sample(items: Iterable[Item], size: int, seed: int) -> list[Item]:
    """At most `size` of the items, each as likely as any other, in one pass; memory is that of the sample.

    Algorithm R of Vitter, "Random Sampling with a Reservoir", ACM TOMS 11(1), 1985. The same items and seed give the same sample.
    """
    generator = random.Random(seed)
    sample: list[Item] = []
    for seen, item in enumerate(items):
        if seen < size:
            sample.append(item)
        elif (place := generator.randrange(seen + 1)) < size:
            sample[place] = item
    return sample
