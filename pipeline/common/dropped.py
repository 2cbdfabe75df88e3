"""What was dropped, and why: numbers, and a uniform sample of rows for each reason, for people to read.

The sample are the rows with the smallest hashes, the same however the rows come in batches.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np

from pipeline.common.blocks import Lines
from pipeline.common.columns import Mask
from pipeline.common.line_hashes import hash_rows

SAMPLES = 20  # rows for each reason
SAMPLE_CHARACTERS = 300

Shown = tuple[int, tuple[str, ...]]  # a row's hash, and its lines


@dataclass
class Dropped:
    """`rows` came in, `split` more came of splitting lines into sentences; `counts` of them were dropped, by reason."""

    rows: int = 0
    split: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[Shown]] = field(default_factory=dict)

    def add(self, reason: str, rows: Mask, sides: Sequence[Lines]) -> None:
        """Counts the marked rows of these sides."""
        if rows.any():
            marked = rows.tolist()
            self.add_all(reason, [list(compress(side, marked)) for side in sides])

    def add_all(self, reason: str, sides: Sequence[Lines]) -> None:
        """Counts all rows of these sides."""
        if not sides[0]:
            return
        self.counts[reason] += len(sides[0])
        hashes = hash_rows(sides)
        shown = [
            (int(hashes[place]), tuple(side[place].decode("utf-8", "replace")[:SAMPLE_CHARACTERS] for side in sides))
            for place in np.argsort(hashes, kind="stable")[:SAMPLES].tolist()
        ]
        self.show(reason, shown)

    def show(self, reason: str, shown: list[Shown]) -> None:
        self.samples[reason] = sorted(set(self.samples.get(reason, [])) | set(shown))[:SAMPLES]

    def news(self, shown_before: "Dropped") -> "Dropped":
        """The same without samples that cannot count, since enough with smaller hashes were shown before; adds to what was shown."""
        for reason, shown in list(self.samples.items()):
            before = shown_before.samples.get(reason, [])
            if len(before) == SAMPLES:
                self.samples[reason] = [row for row in shown if row < before[-1]]
            shown_before.show(reason, shown)
        return self

    def merge(self, other: "Dropped") -> None:
        self.rows += other.rows
        self.split += other.split
        self.counts.update(other.counts)
        for reason, shown in other.samples.items():
            self.show(reason, shown)

    def statistics(self) -> dict[str, object]:
        samples = {reason: [list(row) for _, row in shown] for reason, shown in self.samples.items()}
        return {"dropped": dict(self.counts), "samples": samples}
