"""Typing mistakes in a sentence. Which keys are neighbours and which characters look alike comes from the package typo (Latin keyboards).

A mistake that finds no place, as most do in scripts whose tokens are single characters, leaves the sentence as it is.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from pipeline.train.sentence import Sentence

MOST = 3  # mistakes in a sentence

Mistake = Callable[[Sentence], Sentence]


def with_typos(sentence: Sentence) -> Sentence:
    for _ in range(random.randint(1, MOST)):
        sentence = random.choice(MISTAKES)(sentence)
    return sentence


def in_a_word(change: Callable[[str, int], str]) -> Mistake:
    """The mistake of changing a random word at a random place; `change` gets a word of two or more letters and the place of one of them."""

    def mistake(sentence: Sentence) -> Sentence:
        words = [position for position, token in enumerate(sentence.tokens) if len(token) > 1 and token.isalpha()]
        if not words:
            return sentence
        position = random.choice(words)
        word = sentence.tokens[position]
        return sentence.with_token(position, change(word, random.randrange(len(word))))

    return mistake


def swap(word: str, place: int) -> str:
    first = min(place, len(word) - 2)
    return word[:first] + word[first + 1] + word[first] + word[first + 2 :]


def drop(word: str, place: int) -> str:
    return word[:place] + word[place + 1 :]


def repeat(word: str, place: int) -> str:
    return word[:place] + word[place] + word[place:]


def split(word: str, place: int) -> str:
    """A space inside of the word; both halves keep its links."""
    cut = max(place, 1)
    return f"{word[:cut]} {word[cut:]}"


def hit_neighbour(word: str, place: int) -> str:
    return word[:place] + neighbour(word[place]) + word[place + 1 :]


def hit_both(word: str, place: int) -> str:
    letter, other = word[place], neighbour(word[place])
    return word if letter == other else word[: place + 1] + other + word[place + 1 :]


def take_for_similar(word: str, place: int) -> str:
    from typo.keyboardlayouts.en_default import VISUALLYSIMILARCHARS

    return word[:place] + one_of(VISUALLYSIMILARCHARS, word[place]) + word[place + 1 :]


def neighbour(letter: str) -> str:
    """The letter of a key beside, in the same case; the letter itself where the keyboard has none."""
    from typo.keyboardlayouts.en_default import NEIGHBORINGLETTERS

    other = one_of(NEIGHBORINGLETTERS, letter.lower())
    return other.upper() if letter.isupper() else other


def one_of(table: Mapping[str, Sequence[str]], character: str) -> str:
    return random.choice(table.get(character) or [character])


def join_words(sentence: Sentence) -> Sentence:
    """Leaves out a space; a piece that then spans both words has the links of both."""
    places = [position for position in range(1, len(sentence.tokens)) if sentence.gaps[position].isspace()]
    return sentence.with_gap(random.choice(places), "") if places else sentence


MISTAKES: Sequence[Mistake] = [*map(in_a_word, (swap, drop, repeat, split, hit_neighbour, hit_both, take_for_similar)), join_words]
