"""From alignments of somebody else's tokens to alignments of ours.

Given are the sentences as another tokenizer cut them, joined by spaces, and links of these tokens. Their characters are looked up in the
sentences as they were; a source and a target token of ours are linked where they share characters with linked tokens of the other kind.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import product

from pipeline.align.symmetrize import format_links, parse_links
from pipeline.align.tokenize import Span, token_pattern, tokenize
from pipeline.common.workers import batches, ordered_map

BATCH_LINES = 10_000

SPACE_MARK = "▁"  # stands for a space, as a token or at the edge of one: in SentencePiece, and in tokenizers that can be undone

Row = tuple[str, ...]  # source and target sentence, both in tokens, their alignment in Pharaoh's format


class NoSuchTokenError(Exception):
    """The tokens are not those of the sentence, or the alignment not that of the tokens."""


def convert(rows: Iterable[Row], languages: tuple[str, str], threads: int = 1) -> Iterator[str | None]:
    """For each row its alignment over the tokens of pipeline.align.tokenize, None where what was given does not fit together.

    Rows are read some batches ahead of the lines that are taken.
    """
    convert_rows = partial(convert_batch, languages=languages)
    for lines in ordered_map(convert_rows, batches(rows, BATCH_LINES), threads, load_patterns, *languages):
        yield from lines


def convert_batch(rows: Sequence[Row], languages: tuple[str, str]) -> list[str | None]:
    return [convert_row(row, languages) for row in rows]


def convert_row(row: Row, languages: tuple[str, str]) -> str | None:
    try:
        sides = zip(row[:2], row[2:4], languages, strict=True)
        of_source, of_target = (shared(find_tokens(line, tokens), tokenize(line, language)) for line, tokens, language in sides)
        links = [(of_source[source], of_target[target]) for source, target in parse_links(row[4])]
    except (NoSuchTokenError, IndexError, ValueError):
        return None
    return format_links({link for source, target in links for link in product(source, target)})


def find_tokens(line: str, tokens: str) -> list[Span]:
    """Where the tokens stand in `line`, in characters; (n, n) for one that is only a space mark. Raises NoSuchTokenError.

    They are found one after the other, and white space does not count. It separates tokens, whichever it is: aligners see it so.
    """
    places = [place for place, character in enumerate(line) if counts(character)]
    characters = "".join(line[place] for place in places)
    spans = []
    end = 0
    for token in tokens.split():
        sought = token.replace(SPACE_MARK, "")
        begin = characters.find(sought, end)
        if begin < 0:
            raise NoSuchTokenError(token)
        end = begin + len(sought)
        spans.append((places[begin], places[end - 1] + 1) if sought else (0, 0))
    return spans


def counts(character: str) -> bool:
    return not character.isspace() and character != SPACE_MARK


def shared(given: Sequence[Span], ours: Sequence[Span]) -> list[list[int]]:
    """For each given token the positions of our tokens that have a character of it; both stand in the order of the sentence."""
    positions = []
    first = 0
    for begin, end in given:
        while first < len(ours) and ours[first][1] <= begin:
            first += 1
        last = first
        while last < len(ours) and ours[last][0] < end:
            last += 1
        positions.append(list(range(first, last)))
    return positions


def load_patterns(*languages: str) -> None:
    """Compiles the languages' token patterns, which takes a moment; a worker process does so once."""
    for language in languages:
        token_pattern(language)
