"""Noise inside a sentence: emoji, signs or a word of another script, the same at corresponding places of both sides."""

from random import Random

from pipeline.data.augmentations.anchors import aligned_places
from pipeline.data.augmentations.noise import noise_words
from pipeline.data.augmentations.pair import Languages, Modifier, Pair

MOST_PLACES = 2
MOST_WORDS = 2


def insert_noise(pair: Pair, languages: Languages, random: Random) -> Pair:
    places = aligned_places(pair, languages)
    chosen = random.sample(places, min(len(places), random.randint(1, MOST_PLACES)))
    noise = [" ".join(noise_words(random, MOST_WORDS)) for _ in chosen]
    source, target = (insert(text, [place[side] for place in chosen], noise) for side, text in enumerate(pair))
    return source, target


def insert(text: str, offsets: list[int], noise: list[str]) -> str:
    """Puts each noise at its offset, with blanks between it and the text."""
    for offset, word in sorted(zip(offsets, noise, strict=True), reverse=True):
        before, after = text[:offset], text[offset:]
        left = " " if before and not before[-1].isspace() else ""
        right = " " if after and not after[0].isspace() else ""
        text = f"{before}{left}{word}{right}{after}"
    return text


INLINE_NOISE = Modifier(insert_noise)
