"""The modifier that OpusTrainer runs: all of ours at once, so that a line is taken apart once, and most lines never.

In: lines `source TAB target`; of an aligned corpus `source TAB target TAB links of tokens`; and where attention is guided by the alignments
`source TAB target TAB links of pieces TAB links of tokens`. Out: what Marian reads, which is all but the links of tokens. Lines that are
not chosen for any modifier keep the links of pieces that were computed once for the corpus; those of the others are found anew, in a batch.
"""

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from opustrainer.modifiers import Modifier

from pipeline.align.remap import link_pieces, piece_spans
from pipeline.align.symmetrize import format_links, parse_links
from pipeline.common.languages import parse_language
from pipeline.train.modifiers import MODIFIERS, NOISE, Modify, noise
from pipeline.train.sentence import Pair, parse_sentence


class Augment(Modifier):
    """OpusTrainer's options: languages, of source and target; modifiers, name to probability, applied in this order; aligned, whether lines
    have links of tokens; vocab, the vocabularies, where they have links of pieces too. `probability` is OpusTrainer's own and always 1."""

    def __init__(
        self,
        probability: float,
        languages: tuple[str, str],
        modifiers: dict[str, float],
        aligned: bool = False,
        vocab: tuple[str, ...] = (),
    ):
        super().__init__(probability)
        self.languages = parse_language(languages[0]), parse_language(languages[1])
        self.modifiers = [(MODIFIERS[name], probability) for name, probability in modifiers.items() if name != NOISE]
        self.noise = modifiers.get(NOISE, 0.0)
        self.aligned = aligned
        self.vocab = [Path(path) for path in vocab]

    def __call__(self, batch: list[str]) -> Iterator[str]:
        lines: list[str | None] = []  # None where a changed pair goes
        changed: list[Pair] = []
        for line in batch:
            chosen = [modify for modify, probability in self.modifiers if random.random() < probability]
            pair = self.changed_pair(line, chosen) if chosen else None
            if pair:
                changed.append(pair)
            lines.append(None if pair else self.unchanged(line))
            if random.random() < self.noise and (invented := noise()):
                changed.append(invented)
                lines.append(None)
        rows = iter(self.rows(changed))
        return (next(rows) if line is None else line for line in lines)

    def unchanged(self, line: str) -> str:
        return line.rpartition("\t")[0] if self.aligned else line

    def changed_pair(self, line: str, chosen: Iterable[Modify]) -> Pair | None:
        """The pair as the chosen modifiers leave it; None where that is as it was, or without a link that Marian could learn from."""
        before = pair = self.parse(line)
        for modify in chosen:
            pair = modify(pair, self.languages)
        return None if pair == before or (self.vocab and not pair.links) else pair

    def parse(self, line: str) -> Pair:
        fields = line.split("\t")
        source, target = (parse_sentence(field, language.tag) for field, language in zip(fields[:2], self.languages, strict=True))
        return Pair(source, target, parse_links(fields[-1]) if self.aligned else [])

    def rows(self, pairs: list[Pair]) -> Iterable[str]:
        """The pairs as Marian reads them; pieces are encoded all at once."""
        texts = [pair.source.text for pair in pairs], [pair.target.text for pair in pairs]
        if not self.vocab:
            return map("\t".join, zip(*texts, strict=True))
        spans = [piece_spans(path, lines) for path, lines in zip(self.vocab, texts, strict=True)]
        links = (
            link_pieces(pieces, (pair.source.spans, pair.target.spans), pair.links)
            for pair, pieces in zip(pairs, zip(*spans, strict=True), strict=True)
        )
        return map("\t".join, zip(*texts, map(format_links, links), strict=True))
