"""Lines of noise, the same on both sides: what makes no sense is to be left as it is.

As OpusTrainer's modifier Noise (https://github.com/hplt-project/OpusTrainer), one to six words of one alphabet. They come before the pair,
so a set with a line of noise for every pair is twice as long.
"""

import unicodedata
from functools import cache
from random import Random

from pipeline.data.augmentations.pair import Languages, Modifier, Pair

MOST_WORDS = 6
WORD_LENGTHS = (2, 5)

# First and last code point: writing of many kinds, signs, emoji.
ALPHABETS = (
    (0x21, 0x7E),  # ASCII
    (0xA1, 0xFF),  # Latin-1
    (0x370, 0x3FF),  # Greek
    (0x400, 0x4FF),  # Cyrillic
    (0x531, 0x58F),  # Armenian
    (0x5D0, 0x5EA),  # Hebrew
    (0x620, 0x64A),  # Arabic
    (0x904, 0x939),  # Devanagari
    (0xE01, 0xE2E),  # Thai
    (0x10D0, 0x10FF),  # Georgian
    (0x3041, 0x30FF),  # kana
    (0x4E00, 0x9FFF),  # Han
    (0xAC00, 0xD7A3),  # Hangul
    (0x2190, 0x22FF),  # arrows, mathematics
    (0x2701, 0x27BF),  # dingbats
    (0x1F600, 0x1F64F),  # faces
    (0x1F680, 0x1F6C5),  # vehicles and signs
)
VISIBLE = {"L", "N", "P", "S"}  # general categories; no blanks, marks, controls or unassigned code points


@cache
def visible_characters(first: int, last: int) -> list[str]:
    return [character for character in map(chr, range(first, last + 1)) if unicodedata.category(character)[0] in VISIBLE]


def noise_words(random: Random, most: int) -> list[str]:
    """One to `most` words of one alphabet."""
    characters = visible_characters(*random.choice(ALPHABETS))
    length = random.randint(*WORD_LENGTHS)
    return ["".join(random.choices(characters, k=length)) for _ in range(random.randint(1, most))]


def noise_pair(pair: Pair, languages: Languages, random: Random) -> Pair:
    line = " ".join(noise_words(random, MOST_WORDS))
    return line, line


NOISE = Modifier(noise_pair, adds=True)
