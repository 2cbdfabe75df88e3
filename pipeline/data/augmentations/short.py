"""Cuts pairs down to their first sentence, or to what stands before the first comma, colon or semicolon, as labels and headings are.

Only where both sides have the same number of sentences, or the same marks in the same order, and the beginnings are about the same share
of their sides; all other pairs stay as they are.
"""

from random import Random

from pipeline.common.languages import Language
from pipeline.data.augmentations.anchors import aligned_marks
from pipeline.data.augmentations.pair import Languages, Modifier, Pair
from pipeline.data.package_descriptions import split_sentences

MOST_UNEQUAL = 2.0  # one beginning's share of its side over the other's
BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("«", "»"), ("“", "”"))
FEWEST_WORDS = 2  # less is more often an abbreviation or an enumeration's number


def shorten(pair: Pair, languages: Languages, random: Random) -> Pair:
    return next((beginning for beginning in beginnings(pair) if is_plausible(beginning, pair, languages)), pair)


def beginnings(pair: Pair) -> list[Pair]:
    """The first sentences and the first clauses, where there are any."""
    found: list[Pair] = []
    source, target = (split_sentences(text) for text in pair)
    if len(source) == len(target) > 1:
        found.append((source[0], target[0]))
    if marks := aligned_marks(pair):
        found.append((pair[0][: marks[0][0].start()].rstrip(), pair[1][: marks[0][1].start()].rstrip()))
    return found


def is_plausible(beginning: Pair, pair: Pair, languages: Languages) -> bool:
    shares = [len(part) / len(text) for part, text in zip(beginning, pair, strict=True)]
    equal = all(shares) and max(shares) / min(shares) <= MOST_UNEQUAL
    whole = all(part.count(opening) == part.count(closing) for part in beginning for opening, closing in BRACKETS)
    return equal and whole and all(words(part, language) >= FEWEST_WORDS for part, language in zip(beginning, languages, strict=True))


def words(text: str, language: Language) -> float:
    """Words, or where they are not told apart by blanks, half the characters."""
    return len(text.split()) if language.spaced else len(text) / 2


SHORT = Modifier(shorten)
