"""Typing errors in the source: letters swapped, left out, typed twice, or a neighbour's key hit. The target stays as it is.

At most four to a line, never at the beginning of a word and never close to each other, so that a person can still read it; none in words
with digits or signs, such as addresses and placeholders. Not for Chinese, Japanese and Korean, which are not typed letter by letter.
"""

import re
import unicodedata
from random import Random

from pipeline.data.augmentations.pair import Languages, Modifier, Pair

TYPOS = 4
DISTANCE = 4  # letters from one typo to the next

KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
NEIGHBOURS = {
    key: [row[place] for place in (position - 1, position + 1) if 0 <= place < len(row)]
    for row in KEYBOARD_ROWS
    for position, key in enumerate(row)
}

NO_PLAIN_WORD = re.compile(r"[\d/@_\\<>{}%=&#$]")
JOINERS = "\u200c\u200d"


def letters_with_marks(text: str) -> list[str]:
    """The text in pieces that belong together: a character with the marks above, below and around it."""
    pieces: list[str] = []
    for character in text:
        joined = pieces and (unicodedata.category(character)[0] == "M" or character in JOINERS or pieces[-1][-1] in JOINERS)
        if joined:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def typo_places(pieces: list[str]) -> list[int]:
    """Where a letter inside a plain word has another after it."""
    places: list[int] = []
    start = 0
    for end in range(len(pieces) + 1):
        if end < len(pieces) and not pieces[end].isspace():
            continue
        if not NO_PLAIN_WORD.search("".join(pieces[start:end])):
            inside = range(start + 1, end - 1)
            places += [place for place in inside if all(piece[0].isalpha() for piece in pieces[place - 1 : place + 2])]
        start = end + 1
    return places


def mistype(letter: str, following: str, random: Random) -> str:
    """Two letters with an error in the first or in their order; never what they were."""
    neighbours = NEIGHBOURS.get(letter.lower(), [])
    errors = [following, letter * 2 + following]
    if letter != following:
        errors.append(following + letter)
    if neighbours:
        near = random.choice(neighbours)
        errors.append((near.upper() if letter.isupper() else near) + following)
    return random.choice(errors)


def add_typos(pair: Pair, languages: Languages, random: Random) -> Pair:
    pieces = letters_with_marks(pair[0])
    places = typo_places(pieces)
    random.shuffle(places)
    chosen: list[int] = []
    for place in places:
        if len(chosen) < TYPOS and all(abs(place - other) >= DISTANCE for other in chosen):
            chosen.append(place)
    for place in chosen:
        pieces[place : place + 2] = [mistype(pieces[place], pieces[place + 1], random), ""]
    return "".join(pieces), pair[1]


def source_is_typed_in_letters(languages: Languages) -> bool:
    return not languages[0].cjk


TYPOS_IN_SOURCE = Modifier(add_typos, source_is_typed_in_letters)
