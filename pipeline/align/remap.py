"""From alignments of tokens to alignments of SentencePiece pieces, which is what guided alignment and the lexical shortlist work with.

A source and a target piece are linked where they have characters of linked tokens. SentencePiece normalizes a line before it cuts it, but
it tells for every piece where its characters stood in the line as it was given, and so do the tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import accumulate, pairwise, product
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
    spans = [piece_spans(path, [row[side] for row in rows]) for side, path in enumerate(vocab)]
    return [format_links(link_row(row, pieces, languages)) for row, pieces in zip(rows, zip(*spans, strict=True), strict=True)]


def align_pieces(rows: Sequence[Row], vocab: tuple[Path, Path], languages: tuple[str, str]) -> Iterator[AlignedPieces]:
    """The pieces of every row and their links; all rows are encoded at once."""
    encoded = [load_vocab(path).encode([row[side] for row in rows], out_type="immutable_proto") for side, path in enumerate(vocab)]
    for row, protos in zip(rows, zip(*encoded, strict=True), strict=True):
        source, target = ([piece.id for piece in proto.pieces] for proto in protos)
        yield AlignedPieces(source, target, link_row(row, [proto_spans(proto) for proto in protos], languages))


def link_row(row: Row, pieces: Sequence[Sequence[Span]], languages: tuple[str, str]) -> set[Link]:
    """The links of the row's pieces; raises StepError where its alignment has tokens that its sentences have not."""
    tokens = [tokenize(line, language) for line, language in zip(row[:2], languages, strict=True)]
    try:
        return link_pieces(pieces, tokens, parse_links(row[2]))
    except (IndexError, ValueError) as error:
        raise StepError(
            f"alignment {row[2]!r} does not fit {len(tokens[0])} tokens of {row[0]!r} and {len(tokens[1])} of {row[1]!r}: "
            "is it of another corpus or another version of pipeline.align.tokenize?"
        ) from error


def link_pieces(pieces: Sequence[Sequence[Span]], tokens: Sequence[Sequence[Span]], links: Iterable[Link]) -> set[Link]:
    """Links of tokens as links of pieces, given where both stand in the two sentences; IndexError where a token is missing."""
    of_source, of_target = map(pieces_of_tokens, pieces, tokens)
    return {link for token, other in links for link in product(of_source[token], of_target[other])}


def piece_spans(vocab: Path, lines: Sequence[str]) -> Iterator[list[Span]]:
    """For every line, where the characters of its pieces begin and end in it.

    Most lines are not changed by normalization. There the lengths of the pieces tell, and only for the others SentencePiece is asked, which
    takes several times as long.
    """
    model = load_vocab(vocab)
    for line, pieces in zip(lines, model.encode(lines, out_type=str), strict=True):
        if "".join(pieces) == f"▁{line}".replace(" ", "▁"):
            yield list(pairwise([0, *(end - 1 for end in accumulate(map(len, pieces)))]))
        else:
            yield proto_spans(model.encode(line, out_type="immutable_proto"))


def proto_spans(encoded: Any) -> list[Span]:
    return [(piece.begin, piece.end) for piece in encoded.pieces]


def pieces_of_tokens(spans: Sequence[Span], tokens: Sequence[Span]) -> list[list[int]]:
    """For each token, the positions of the pieces, given by their spans, that have a character of it.

    A piece without a character of its own belongs to the token that comes next: "▁" alone, which announces a word, and all but
    the last piece of what was one character in the line (the bytes of an unknown character, the "f" of "ﬁ").
    """
    pieces: list[list[int]] = [[] for _ in tokens]
    token, number = 0, len(tokens)
    for position, (begin, end) in enumerate(spans):
        while token < number and tokens[token][1] <= begin:
            token += 1
        if token == number:
            break
        pieces[token].append(position)
        following = token + 1
        while following < number and tokens[following][0] < end:
            pieces[following].append(position)
            following += 1
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
