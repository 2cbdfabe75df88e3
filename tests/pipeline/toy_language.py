"""A toy language pair: every English word has one Italian word, at the same place of the sentence.

So what an aligner, a shortlist or a model has to find is known. Some words are more bytes than characters, and one has no space inside
although it is two tokens.
"""

import random
from pathlib import Path

from pipeline.common.lines import write_lines

DICTIONARY = {
    "house": "casa", "city": "città", "because": "perché", "is": "è", "cat": "gatto", "dog": "cane", "water": "acqua", "red": "rosso",
    "green": "verde", "small": "piccolo", "big": "grande", "reads": "legge", "writes": "scrive", "book": "libro", "and": "e",
    "naïve": "ingenuo", "with": "con", "sun": "sole", "moon": "luna", "night": "notte", "day": "giorno", "sees": "vede",
    "two": "due", "three": "tre", "yesterday": "ieri", "today": "oggi", "never": "mai", "friend": "amico", "北京大学": "ateneo",
    "bread": "pane", "milk": "latte", "coffee": "caffè",
}  # fmt: skip


def toy_sentences(number: int, seed: int = 1, longest: int = 5) -> list[tuple[str, str]]:
    """Pairs of sentences of 1 to `longest` words and a full stop; the same seed gives the same pairs."""
    generator = random.Random(seed)
    pairs = []
    for _ in range(number):
        words = generator.choices(list(DICTIONARY), k=generator.randint(1, longest))
        pairs.append((" ".join(words) + " .", " ".join(DICTIONARY[word] for word in words) + " ."))
    return pairs


def write_corpus(folder: Path, pairs: list[tuple[str, str]], name: str = "corpus") -> tuple[Path, Path]:
    """Writes pairs as NAME.en.zst and NAME.it.zst."""
    sides = folder / f"{name}.en.zst", folder / f"{name}.it.zst"
    for path, lines in zip(sides, zip(*pairs, strict=True), strict=True):
        write_lines(path, lines)
    return sides
