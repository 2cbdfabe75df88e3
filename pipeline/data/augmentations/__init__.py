"""Augmented copies of evaluation sets, which show how robust a model is: `PROVIDER_aug-KIND_NAME` is PROVIDER_NAME, changed.

The kinds are those that the field evaluates with (https://arxiv.org/abs/2311.14838), and the counterparts of what models are trained on:

| kind | what becomes of each pair |
|---|---|
| `upper`, `title` | all in capitals; a capital at the beginning of each word |
| `punct` | the mark at the end removed or replaced on both sides |
| `typos` | typing errors in the source |
| `noise` | a line of noise before it, the same on both sides: the set is twice as long |
| `inline-noise` | the same noise at corresponding places of both sides |
| `short` | only the first sentence or clause of both sides |
| `mix` | each of the kinds above but `short`, for one pair in twenty |
| `mix-nocase`, `mix-cjk` | `mix` without upper and title case; without typos either |

What makes no sense for the languages is left out: casing where the source has no case, typos in Chinese. What happens to a pair depends on
its text and the set's name alone, so a set that grows keeps its other pairs as they were.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from pipeline.common.languages import parse_language
from pipeline.common.script import StepError
from pipeline.data.augmentations.casing import TITLE, UPPER
from pipeline.data.augmentations.inline_noise import INLINE_NOISE
from pipeline.data.augmentations.noise import NOISE
from pipeline.data.augmentations.pair import Modifier, Pair
from pipeline.data.augmentations.punctuation import PUNCT
from pipeline.data.augmentations.short import SHORT
from pipeline.data.augmentations.typos import TYPOS_IN_SOURCE

PREFIX = "aug-"
MIX_SHARE = 0.05

Row = tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """Modifiers, one after the other, each for a share of the pairs."""

    modifiers: tuple[Modifier, ...]
    share: float = 1.0


KINDS = {
    "mix": Kind((PUNCT, TYPOS_IN_SOURCE, TITLE, UPPER, INLINE_NOISE, NOISE), MIX_SHARE),
    "mix-nocase": Kind((PUNCT, TYPOS_IN_SOURCE, INLINE_NOISE, NOISE), MIX_SHARE),
    "mix-cjk": Kind((PUNCT, INLINE_NOISE, NOISE), MIX_SHARE),
    "title": Kind((TITLE,)),
    "upper": Kind((UPPER,)),
    "punct": Kind((PUNCT,)),
    "typos": Kind((TYPOS_IN_SOURCE,)),
    "noise": Kind((NOISE,)),
    "inline-noise": Kind((INLINE_NOISE,)),
    "short": Kind((SHORT,)),
}


def split_augmentation(dataset: str) -> tuple[str, str | None]:
    """`ddtp_aug-upper_bookworm` is ("ddtp_bookworm", "upper"); raises StepError for a kind that there is not."""
    provider, _, name = dataset.partition("_")
    if not name.startswith(PREFIX):
        return dataset, None
    kind, _, name = name.removeprefix(PREFIX).partition("_")
    if kind not in KINDS or not name:
        raise StepError(f"dataset {dataset!r}: expected {provider}_aug-KIND_NAME, where KIND is one of {', '.join(KINDS)}")
    return f"{provider}_{name}", kind


@dataclass
class Augmentation:
    """One kind of augmentation for the rows of one dataset; counts what it did as the rows pass.

    `dataset` is the full name. Raises StepError unless there are two languages.
    """

    kind: str
    dataset: str
    tags: tuple[str, ...]
    changed: int = field(default=0, init=False)
    added: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if len(self.tags) != 2:
            raise StepError(f"dataset {self.dataset!r}: only parallel text can be augmented, give --src and --trg")
        self.languages = (parse_language(self.tags[0]), parse_language(self.tags[1]))

    @property
    def modifiers(self) -> list[Modifier]:
        """Those that make sense for the languages."""
        return [modifier for modifier in KINDS[self.kind].modifiers if modifier.suits(self.languages)]

    def apply(self, rows: Iterable[Row]) -> Iterator[Row]:
        modifiers, share = self.modifiers, KINDS[self.kind].share
        for source, target in rows:
            random = Random("\n".join((self.dataset, source, target)))
            pair: Pair = (source, target)
            for modifier in modifiers:
                if random.random() >= share:
                    continue
                changed = modifier.change(pair, self.languages, random)
                if modifier.adds:
                    yield changed
                    self.added += 1
                else:
                    pair = changed
            yield pair
            self.changed += pair != (source, target)

    def statistics(self) -> dict[str, object]:
        return {"kind": self.kind, "pairs-changed": self.changed, "pairs-added": self.added}
