"""Package descriptions as text: titles and sentences, and pairs of them out of two languages.

A description is a title (the "synopsis"), and paragraphs of plain lines, list items and preformatted lines. Format:
https://www.debian.org/doc/debian-policy/ch-controlfields.html#description
Debian's translators keep the structure, so paragraph stands against paragraph, and sentence against sentence, where the numbers are equal.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.common.script import StepError
from pipeline.data.deb822 import read_stanzas

UNTRANSLATED = "<trans>"  # stands in a translation for the paragraphs that nobody has translated yet
LENGTH_RATIO = (0.4, 2.2)  # characters of one sentence over those of the other
BULLET = re.compile(r"[-*+•·o]\s+")
# A sentence ends at a mark, closing quotes and a blank; without a blank at the marks of scripts that have none.
SENTENCE_END = re.compile("(?<=[.!?\u0589\u061f\u0964\u2026])[\"'”\u2019»)\\]]*\\s+|(?<=[\u3002\uff01\uff1f])")
ABBREVIATION = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|ca|approx|incl|resp|St|Dr|Mr|p\.es|es|ecc|z\.B|bzw|usw|ggf|d\.h|[A-Z])\.$")


@dataclass(frozen=True)
class Description:
    """One package description: a title and paragraphs, each on one line with single blanks."""

    title: str
    paragraphs: list[str]


def read_descriptions(lines: Iterable[str], language: str) -> dict[str, Description]:
    """The descriptions of an index by their Description-md5, the hash of the English text, by which translations are joined.

    Raises StepError where the text is no such index.
    """
    field = f"Description-{language}"
    descriptions = {}
    number = 0
    for number, stanza in enumerate(read_stanzas(lines), start=1):
        if "Description-md5" not in stanza:
            raise StepError(f"Translation-{language}: stanza {number} ({stanza.get('Package')}) has no Description-md5")
        if field in stanza:
            descriptions[stanza["Description-md5"]] = parse_description(stanza[field])
    if number and not descriptions:
        raise StepError(f"Translation-{language}: none of {number} stanzas has the field {field}")
    return descriptions


def parse_description(text: str) -> Description:
    title, *lines = text.split("\n")
    paragraphs: list[list[str]] = []
    open_as = ""  # what a further line may be joined to
    for line in lines:
        stripped = line.strip()
        indented = line.startswith((" ", "\t"))
        bullet = BULLET.match(stripped) if indented or open_as == "item" or stripped[:2] in {"* ", "- "} else None
        if stripped in {"", "."}:
            open_as = ""
        elif bullet:
            paragraphs.append([stripped[bullet.end() :]])
            open_as = "item"
        elif open_as == "item" and indented:
            paragraphs[-1].append(stripped)
        elif indented:
            paragraphs.append([stripped])  # preformatted: each line stands by itself
            open_as = "preformatted"
        elif open_as == "text":
            paragraphs[-1].append(stripped)
        else:
            paragraphs.append([stripped])
            open_as = "text"
    return Description(" ".join(title.split()), [" ".join(" ".join(lines).split()) for lines in paragraphs])


def split_sentences(paragraph: str) -> list[str]:
    """Splits at the marks that end a sentence, but not before a lower-case letter and not after a usual abbreviation."""
    sentences: list[str] = []
    start = 0
    for match in SENTENCE_END.finditer(paragraph):
        before, after = paragraph[start : match.end()].strip(), paragraph[match.end() :]
        if before and after and not after[0].islower() and not ABBREVIATION.search(before[-10:]):
            sentences.append(before)
            start = match.end()
    return [*sentences, paragraph[start:].strip()]


def title_rows(*sides: dict[str, Description]) -> Iterator[tuple[str, ...]]:
    """The titles that all sides have, side by side."""
    for key, first in sides[0].items():
        if all(key in side for side in sides[1:]):
            row = (first.title, *(side[key].title for side in sides[1:]))
            if is_plausible(row):
                yield row


def sentence_rows(*sides: dict[str, Description]) -> Iterator[tuple[str, ...]]:
    """The sentences below the titles, side by side where the structure agrees."""
    for key in sides[0]:
        if not all(key in side for side in sides):
            continue
        paragraphs = [side[key].paragraphs for side in sides]
        if len({len(side) for side in paragraphs}) > 1:
            continue
        for paragraph in zip(*paragraphs, strict=True):
            sentences = [split_sentences(text) for text in paragraph]
            if len({len(side) for side in sentences}) == 1:
                yield from (row for row in zip(*sentences, strict=True) if is_plausible(row))


def is_plausible(row: tuple[str, ...]) -> bool:
    """Whether every side says something, is translated, and is about as long as the first."""
    if not all(any(character.isalpha() for character in text) and UNTRANSLATED not in text for text in row):
        return False
    return all(LENGTH_RATIO[0] <= len(text) / len(row[0]) <= LENGTH_RATIO[1] for text in row[1:])
