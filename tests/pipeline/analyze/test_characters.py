import sys
import unicodedata

import numpy as np
import pytest

from pipeline.analyze.characters import KINDS, LOOKED_AT, SCRIPTS, Kind, character_kinds, digit_values, script_name
from pipeline.common.languages import SCRIPT_CHARACTERS, parse_language
from pipeline.common.letters import LETTERS, count, foreign_letters

EVERYTHING = "".join(map(chr, range(sys.maxunicode + 1)))


def test_kinds_are_what_python_takes_them_for():
    table = character_kinds(parse_language("en"))
    assert (table == Kind.SPACE).tolist() == list(map(str.isspace, EVERYTHING))
    assert (table == Kind.DIGIT).tolist() == list(map(str.isdecimal, EVERYTHING))


@pytest.mark.parametrize("tag", ["en", "el", "ar", "hi", "zh-Hant", "ja", "ko"])
def test_letters_are_those_of_the_cleaning(tag: str):
    language = parse_language(tag)
    table = character_kinds(language)
    letters, foreign = ("".join(pattern.findall(EVERYTHING)) for pattern in (LETTERS, foreign_letters(language)))
    assert "".join(map(chr, np.flatnonzero(table >= Kind.LETTER))) == letters
    assert "".join(map(chr, np.flatnonzero(table > Kind.LETTER))) == foreign


def test_no_plane_is_left_out_that_has_something():
    left_out = EVERYTHING[len(LOOKED_AT) :]
    assert count(LETTERS, left_out) == 0 and not any(map(str.isspace, left_out)) and not any(map(str.isdecimal, left_out))
    assert {unicodedata.category(character)[0] for character in left_out} == {"C", "M"}  # private use, unassigned, variation selectors


def test_digits():
    values = digit_values()
    assert [int(values[ord(digit)]) for digit in "0189٣९９a"] == [0, 1, 8, 9, 3, 9, 9, 0]  # noqa: RUF001
    assert all(values[ord(character)] == int(character) for character in EVERYTHING if character.isdecimal())


def test_scripts():
    table = character_kinds(parse_language("en"))

    def scripts(text: str) -> list[str]:
        return [script_name(int(table[ord(character)])) for character in text]

    assert scripts("жωאعह") == ["Cyrl", "Grek", "Hebr", "Arab", "Deva"]
    assert scripts("漢かカ한") == ["Hani", "Hrkt", "Hrkt", "Hang"]
    assert scripts("²ᚠ") == ["other", "other"]
    assert len({script_name(kind) for kind in range(Kind.UNNAMED_SCRIPT, KINDS)}) == len(SCRIPT_CHARACTERS) + 1 == len(SCRIPTS) + 1
    japanese = character_kinds(parse_language("ja"))
    assert {int(japanese[ord(character)]) for character in "漢かカ"} == {Kind.LETTER}


def test_how_sentences_end():
    table = character_kinds(parse_language("en"))
    assert {int(table[ord(mark)]) for mark in ".…。।۔"} == {Kind.FULL_STOP}  # noqa: RUF001
    assert {int(table[ord(mark)]) for mark in "?？؟"} == {Kind.QUESTION_MARK}  # noqa: RUF001
    assert {int(table[ord(mark)]) for mark in "\"'”»)」"} == {Kind.CLOSING}
    assert table[ord(";")] == Kind.PUNCTUATION and table[ord("+")] == Kind.OTHER
    assert character_kinds(parse_language("el"))[ord(";")] == Kind.QUESTION_MARK
