"""Splits lines of several sentences, such as paragraphs of web pages, into a line for each.

Boundaries are those of Unicode Standard Annex 29 as ICU knows them for the language, but for those after an abbreviation.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

import numpy as np

from pipeline.common.blocks import Lines
from pipeline.common.columns import Column
from pipeline.common.languages import Language

# An initial, letters with full stops between them, or a usual title; the next word may well begin with a capital.
TITLES = "Mr|Mrs|Ms|Dr|Prof|prof|dott|sig|Sr|Sra|St|Mt|Jr|vs|No|Nr|Art|Abs|Bd|z\\.B|usw|bzw|ecc|etc"
ABBREVIATION = re.compile(rf"(?:^|[\s(\"'])(?:[^\W\d_]|(?:[^\W\d_]{{1,2}}\.\s?)+[^\W\d_]{{1,2}}|{TITLES})\.\s*$")
ENDS = ".!?\u2026\u3002\uff01\uff1f\u061f\u0964\u1362\u0589"


class SentenceSplitter:
    """Splits lines of more than `min_characters`; a shorter one is taken for a sentence, or for something that is none."""

    def __init__(self, language: Language, min_characters: float) -> None:
        self.locale = language.tag.replace("-", "_")
        self.min_characters = min_characters

    def lines(self, lines: Lines) -> Lines:
        column = Column(lines)
        long = column.lengths > self.min_characters
        ends = column.any(np.isin(column.codes, list(map(ord, ENDS))))
        split: Lines = []
        for number, candidate in enumerate((long & ends).tolist()):
            if candidate:
                split.extend(sentence.encode() for sentence in self.split(column.text(number)))
            else:
                split.append(lines[number])
        return split

    def split(self, text: str) -> Iterator[str]:
        from icu4py.breakers import SentenceBreaker

        # ICU counts in UTF-16: characters beyond the first 65,536 are two units.
        place = {unit: number for number, unit in enumerate(accumulate((1 + (character > "\uffff") for character in text), initial=0))}
        begun = 0
        for _, end in SentenceBreaker(text, self.locale).segments():
            sentence = text[begun : place[end]]
            if not ABBREVIATION.search(sentence[-24:]) and sentence.strip():
                yield sentence.strip()
                begun = place[end]
        if rest := text[begun:].strip():
            yield rest
