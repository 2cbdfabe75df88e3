"""Sentences as tokens, so that text can be changed and every link still knows its words."""

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.align.symmetrize import Link
from pipeline.align.tokenize import Span, token_words, tokenize


class Sentence(NamedTuple):
    """Tokens and what stands around them: gaps[0] tokens[0] gaps[1] … tokens[-1] gaps[-1].

    A change keeps the number of tokens, or the links have to follow. Whatever a token's text becomes, even "wa ter", it stays one token:
    where it stands in the new line is known, so the line is never tokenized again and cannot fall into other tokens than before.
    """

    tokens: Sequence[str]
    gaps: Sequence[str]

    @property
    def text(self) -> str:
        return "".join(part for pair in zip(self.gaps, (*self.tokens, ""), strict=True) for part in pair)

    @property
    def spans(self) -> list[Span]:
        """Where the tokens begin and end in the text, in characters."""
        spans, end = [], 0
        for gap, token in zip(self.gaps, self.tokens, strict=False):
            begin = end + len(gap)
            end = begin + len(token)
            spans.append((begin, end))
        return spans

    def with_token(self, position: int, token: str) -> "Sentence":
        return self._replace(tokens=[*self.tokens[:position], token, *self.tokens[position + 1 :]])

    def with_gap(self, position: int, gap: str) -> "Sentence":
        """With another gap before the token at `position`."""
        return self._replace(gaps=[*self.gaps[:position], gap, *self.gaps[position + 1 :]])

    def with_words(self, position: int, words: Sequence[str]) -> "Sentence":
        """With words, spaces around them, before the token at `position`, or behind the last one."""
        following = self.gaps[position] or (" " if position < len(self.tokens) else "")
        tokens = [*self.tokens[:position], *words, *self.tokens[position:]]
        return Sentence(tokens, [*self.gaps[:position], *(" " for _ in words), following, *self.gaps[position + 1 :]])

    def without_last_token(self) -> "Sentence":
        """Without the last token and the white space on both sides of it."""
        return Sentence(self.tokens[:-1], [*self.gaps[:-2], ""])


class Pair(NamedTuple):
    """Two sentences and the links of their tokens: source and target position."""

    source: Sentence
    target: Sentence
    links: Sequence[Link]


def parse_sentence(line: str, language: str) -> Sentence:
    spans = tokenize(line, language)
    ends = [0, *(end for _, end in spans)]
    begins = [*(begin for begin, _ in spans), len(line)]
    return Sentence(token_words(line, spans), [line[end:begin] for end, begin in zip(ends, begins, strict=True)])


def words_sentence(words: Sequence[str]) -> Sentence:
    """Words with a space between them."""
    return Sentence(words, ["", *(" " for _ in words[1:]), ""])
