"""What augmentations work on: a sentence pair, its languages, and whether a change makes sense for them."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from pipeline.common.languages import Language

Pair = tuple[str, str]
Languages = tuple[Language, Language]


@dataclass(frozen=True)
class Modifier:
    """One way of changing a pair, source first.

    `change` gives the pair back as it was where it finds nothing to change. Where `adds` is set, what it gives comes before the pair and
    does not replace it. `suits` tells for which languages there is anything to change at all.
    """

    change: Callable[[Pair, Languages, Random], Pair]
    suits: Callable[[Languages], bool] = lambda languages: True
    adds: bool = False
