"""chrF by our own code is that of sacreBLEU."""

import random

import pytest
from sacrebleu.metrics.chrf import CHRF

from pipeline.distillation.chrf import sentence_chrf

ALPHABETS = [
    "ab",
    "aeionrtl àèé.,'",
    "猫が好きですかな、。 \u3000",
    "e\u0301\u0308o\u200d\u200b\ufe0f ",
    "😀👩🏽𝔘𠀀 ",
    " \t\xa0\u2028\u2029\x1c\x85\r\n",
    "aあ😀\u0301 \t\xa0\u2028",
]
LENGTHS = [0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 12, 30, 90]

# By hand. With matches/n-grams of order 1, 2, … of the candidate and of the reference; the score is 5PR / (4P + R) of the two averages.
VALUES = [
    ("abc", "abd", 100 * 7 / 18),  # 2/3, 1/2, 0/1 of both: P = R
    ("a", "aab", 100 * 5 / 13),  # 1/1 and 1/3; the candidate has nothing of order 2
    ("aaaa", "aa", 100 * 25 / 32),  # 2/4, 1/3 and 2/2, 1/1: an n-gram counts as often as both have it
    ("aa", "aaaa", 100 * 5 * 5 / 12 / (4 + 5 / 12)),  # the other way round
    ("a\tb\u2028", " a\xa0b", 100),
    ("abcdefgh", "abcdefgh", 100),
    ("abc", "xyz", 0),
    ("", "abc", 0),
    ("abc", "", 0),
    ("", "", 0),
    (" \t", "\u2028", 0),
]


def text(rng: random.Random, alphabet: str) -> str:
    return "".join(rng.choices(alphabet, k=rng.choice(LENGTHS)))


def edited(rng: random.Random, text: str, alphabet: str) -> str:
    characters = list(text)
    for _ in range(rng.randrange(4)):
        start = rng.randrange(len(characters) + 1)
        characters[start : start + rng.randrange(3)] = rng.choices(alphabet, k=rng.randrange(3))
    return "".join(characters)


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_the_scores_are_sacrebleus(alphabet: str) -> None:
    rng = random.Random(1)
    sentence_score = CHRF().sentence_score
    for _ in range(150):
        reference = text(rng, alphabet)
        candidates = [reference, *(edited(rng, reference, alphabet) for _ in range(4)), *(text(rng, alphabet) for _ in range(3))]
        expected = [sentence_score(candidate, [reference]).score for candidate in candidates]
        assert sentence_chrf(candidates, reference) == pytest.approx(expected, rel=0, abs=1e-9), (candidates, reference)


@pytest.mark.parametrize(("candidate", "reference", "score"), VALUES)
def test_the_scores_are_those_computed_by_hand(candidate: str, reference: str, score: float) -> None:
    assert sentence_chrf([candidate], reference) == [pytest.approx(score)]


def test_a_score_does_not_depend_on_the_other_candidates() -> None:
    candidates = ["un gatto dorme .", "un cane", "un gatto dorme .", "", "un cane dorme ."]
    assert sentence_chrf(candidates, "un cane dorme .") == [sentence_chrf([candidate], "un cane dorme .")[0] for candidate in candidates]
    assert sentence_chrf([], "un cane dorme .") == []
