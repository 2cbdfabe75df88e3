"""Splits lines of several sentences, such as paragraphs of web pages, into a line for each."""

import numpy as np

from pipeline.clean.sentence_ends import sentence_splitter
from pipeline.common.blocks import Lines
from pipeline.common.columns import Column
from pipeline.common.languages import Language

# What a sentence ends with, in any script: https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt, Sentence_Terminal
ENDS = ".!?\u2026\u3002\uff01\uff0e\uff1f\uff61\u0589\u061f\u06d4\u0964\u0965\u0f0d\u104a\u104b\u1362\u1367\u17d4\u17d5\u1c7e"


class SentenceSplitter:
    """Splits lines of more than `min_characters`; a shorter one is taken for a sentence, or for something that is none."""

    def __init__(self, language: Language, min_characters: float) -> None:
        self.split = sentence_splitter(language)
        self.min_characters = min_characters

    def lines(self, lines: Lines) -> Lines:
        column = Column(lines)
        long = column.lengths > self.min_characters
        ends = column.any(np.isin(column.codes, list(map(ord, ENDS))))
        split: Lines = []
        for number, candidate in enumerate((long & ends).tolist()):
            if candidate:
                split.extend(sentence.encode() for sentence in self.split(column.text(number)) if sentence)
            else:
                split.append(lines[number])
        return split
