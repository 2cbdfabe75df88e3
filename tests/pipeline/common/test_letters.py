import pytest

from pipeline.common.languages import parse_language
from pipeline.common.letters import LETTERS, count, foreign_letters


@pytest.mark.parametrize(
    ("language", "text", "letters", "foreign"),
    [
        ("it", "È l'1\u00ba_caffè!\nґ", 9, 1),
        ("ru", "Linux и GTK", 9, 8),
        ("zh", "这个 API 字", 6, 3),
        ("hi", "यह test", 6, 4),
        ("en", "", 0, 0),
    ],
)
def test_counts_of_letters(language: str, text: str, letters: int, foreign: int):
    assert (count(LETTERS, text), count(foreign_letters(parse_language(language)), text)) == (letters, foreign)
