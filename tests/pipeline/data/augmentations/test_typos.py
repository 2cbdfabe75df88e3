import unicodedata
from random import Random

import pytest

from pipeline.common.languages import parse_language
from pipeline.data.augmentations.typos import TYPOS, TYPOS_IN_SOURCE, add_typos, letters_with_marks, mistype


def mistyped(text: str, seed: int, language: str = "en") -> str:
    source, target = add_typos((text, "bersaglio intatto"), (parse_language(language), parse_language("it")), Random(seed))
    assert target == "bersaglio intatto"
    return source


def distance(one: str, other: str) -> int:
    """The number of insertions, deletions and substitutions (Levenshtein)."""
    row = list(range(len(other) + 1))
    for first, letter in enumerate(one, 1):
        last, row[0] = row[0], first
        for second, against in enumerate(other, 1):
            last, row[second] = row[second], min(row[second] + 1, row[second - 1] + 1, last + (letter != against))
    return row[-1]


def test_a_few_typos_and_no_more():
    text = "The editor changes several files at once without asking anybody for permission"
    distances = {distance(text, mistyped(text, seed)) for seed in range(50)}
    assert min(distances) >= TYPOS and max(distances) <= 2 * TYPOS  # a swap counts as two


@pytest.mark.parametrize(
    "text", ["", "a", "of it", "/usr/bin/editor", "%(name)s", "user@example.org", "x86_64", "<strong>", "😀😀😀😀", "你 好"]
)
def test_what_is_no_plain_word_stays(text: str):
    assert {mistyped(text, seed) for seed in range(20)} == {text}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "de\u0301ja\u0300 re\u0301pe\u0301te\u0301"),
        ("hi", "हिन्दी भाषा किताब"),
        ("th", "ภาษาไทยที่เขียน"),
        ("he", "שָׁלוֹם עֲלֵיכֶם"),
        ("ru", "редактор текста"),
    ],
)
def test_marks_stay_with_their_letters(language: str, text: str):
    pieces = set(letters_with_marks(unicodedata.normalize("NFD", text)))
    seen = {mistyped(unicodedata.normalize("NFD", text), seed, language) for seed in range(30)}
    assert len(seen) > 3
    if language != "ru":  # whose keyboard is known, so that other letters come in
        assert {piece for line in seen for piece in letters_with_marks(line) if len(piece) > 1} <= pieces


def test_an_error_is_never_what_was_meant():
    for pair in (("l", "l"), ("a", "b"), ("é", "é"), ("Q", "w")):
        assert "".join(pair) not in {mistype(*pair, Random(seed)) for seed in range(40)}


def test_not_in_chinese():
    english, chinese = parse_language("en"), parse_language("zh")
    assert TYPOS_IN_SOURCE.suits((english, chinese)) and not TYPOS_IN_SOURCE.suits((chinese, english))
