"""From alignments of tokens to alignments of SentencePiece pieces, which is what guided alignment and the lexical shortlist work with.

A source and a target piece are linked where they have characters of linked tokens. SentencePiece normalizes a line before it cuts it, but
it tells for every piece where its characters stood in the line as it was given, and so do the tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.align.symmetrize import Link, format_links, parse_links
from pipeline.align.tokenize import Span, tokenize
from pipeline.common.script import StepError
from pipeline.common.workers import batches, ordered_map

BATCH_LINES = 10_000

Row = tuple[str, ...]  # source sentence, target sentence, their alignment in Pharaoh's format


class AlignedPieces(NamedTuple):
    """A sentence pair as Marian sees it, without the </s> that it appends to both: piece ids, and links of piece positions."""

    source: list[int]
    target: list[int]
    links: set[Link]


def remap(rows: Iterable[Row], vocab: tuple[Path, Path], languages: tuple[str, str], threads: int = 1) -> Iterator[str]:
    """One line per row, its alignment over pieces in Pharaoh's format; raises StepError where an alignment does not fit its sentences.

    Rows are read some batches ahead of the lines that are taken.
    """
    remap_rows = partial(remap_batch, vocab=vocab, languages=languages)
    for lines in ordered_map(remap_rows, batches(rows, BATCH_LINES), threads, load_vocabs, *vocab):
        yield from lines


def remap_batch(rows: Sequence[Row], vocab: tuple[Path, Path], languages: tuple[str, str]) -> list[str]:
    return [format_links(aligned.links) for aligned in align_pieces(rows, vocab, languages)]


def align_pieces(rows: Sequence[Row], vocab: tuple[Path, Path], languages: tuple[str, str]) -> Iterator[AlignedPieces]:
    """The pieces of every row and their links; all rows are encoded at once."""
    encoded = [load_vocab(path).encode([row[side] for row in rows], out_type="immutable_proto") for side, path in enumerate(vocab)]
    for row, source, target in zip(rows, *encoded, strict=True):
        tokens = tokenize(row[0], languages[0]), tokenize(row[1], languages[1])
        try:
            links = link_pieces((source, target), tokens, parse_links(row[2]))
        except (IndexError, ValueError) as error:
            raise StepError(
                f"alignment {row[2]!r} does not fit {len(tokens[0])} tokens of {row[0]!r} and {len(tokens[1])} of {row[1]!r}: "
                "is it of another corpus or another version of pipeline.align.tokenize?"
            ) from error
        yield AlignedPieces([piece.id for piece in source.pieces], [piece.id for piece in target.pieces], links)


def link_pieces(encoded: tuple[Any, Any], tokens: tuple[Sequence[Span], Sequence[Span]], links: Iterable[Link]) -> set[Link]:
    """Links of tokens as links of the pieces of both sentences, given where the tokens stand in them; IndexError where one is missing."""
    of_source, of_target = (pieces_of_tokens(pieces, spans) for pieces, spans in zip(encoded, tokens, strict=True))
    return {link for token, other in links for link in product(of_source[token], of_target[other])}


def pieces_of_tokens(encoded: Any, tokens: Sequence[Span]) -> list[list[int]]:
    """For each token, the positions of the pieces that have a character of it.

    A piece without a character of its own belongs to the token that comes next: "▁" alone, which announces a word, and all but
    the last piece of what was one character in the line (the bytes of an unknown character, the "f" of "ﬁ").
    """
    pieces: list[list[int]] = [[] for _ in tokens]
    token = 0
    for position, piece in enumerate(encoded.pieces):
        begin, end = piece.begin, piece.end
        while token < len(tokens) and tokens[token][1] <= begin:
            token += 1
        if token == len(tokens):
            break
        pieces[token].append(position)
        for following in range(token + 1, len(tokens)):
            if tokens[following][0] >= end:
                break
            pieces[following].append(position)
    return pieces


def load_vocabs(*paths: Path) -> None:
    """Loads vocabularies before the first line needs them; a worker process does so once."""
    for path in paths:
        load_vocab(path)


@cache
def load_vocab(path: Path) -> Any:
    """The SentencePieceProcessor of a vocabulary; raises StepError where the file is none."""
    import sentencepiece

    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise StepError(f"{path}: not a SentencePiece model ({error})") from error
