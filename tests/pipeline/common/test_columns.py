import random
import sys

import numpy as np
import pytest

from pipeline.common.columns import (
    BLANK,
    CODE_POINTS,
    DIGIT,
    FOREIGN,
    LETTER,
    MARK,
    WORD,
    Column,
    all_characters,
    classes,
    has,
    table_of,
)
from pipeline.common.languages import parse_language
from pipeline.common.letters import LETTERS, count, foreign_letters

# Several scripts and planes, NUL, and all that separates lines elsewhere.
CHARACTERS = "abàЖअ\u093e漢𠀀\U0001f600\U0010ffff٣7_ \t\r\0\u2028\u0085"


def column(*lines: str) -> Column:
    return Column([line.encode() for line in lines])


def lines_of_anything(number: int) -> list[str]:
    generator = random.Random(5)
    return ["".join(generator.choices(CHARACTERS, k=generator.choice([0, 0, 1, 2, 30]))) for _ in range(number)]


def test_a_column_holds_the_code_points_of_its_lines():
    lines = ["", "a\0b", "", "\U0001f600\U0010ffff", "\r\u2028", ""]
    held = column(*lines)
    assert len(held) == 6 and held.lengths.tolist() == [0, 3, 0, 2, 2, 0]
    assert ["".join(map(chr, held.codes[start:end])) for start, end in zip(held.starts, held.ends, strict=True)] == lines
    assert [held.text(number) for number in range(6)] == lines


def test_no_lines():
    held = column()
    assert len(held) == len(held.lengths) == len(held.codes) == len(held.starts) == len(held.ends) == 0
    nothing = held.codes == ord("a")
    assert len(held.count(nothing)) == len(held.any(nothing)) == len(held.lines_of(held.find("a"))) == len(held.containing(["a"])) == 0


def test_nothing_but_an_empty_line():
    held = column("")
    assert held.lengths.tolist() == [0]
    assert held.count(held.codes == ord("a")).tolist() == [0] and held.containing(["a"]).tolist() == [False]


@pytest.mark.parametrize("line", [b"caff\xe8", b"\xed\xa0\x80", b"\xf0\x9f\x98"])
def test_what_is_not_utf8(line: bytes):
    with pytest.raises(UnicodeDecodeError):
        Column([b"caff\xc3\xa8", line])


@pytest.mark.parametrize("character", CHARACTERS)
def test_counting_is_what_a_loop_over_lines_does(character: str):
    lines = lines_of_anything(500)
    held = column(*lines)
    marked = held.codes == ord(character)
    assert held.count(marked).tolist() == [line.count(character) for line in lines]
    assert held.any(marked).tolist() == [character in line for line in lines]
    numbers = [number for number, line in enumerate(lines) for _ in range(line.count(character))]
    assert held.line_numbers(np.flatnonzero(marked)).tolist() == numbers
    assert np.flatnonzero(held.lines_of(np.flatnonzero(marked))).tolist() == sorted(set(numbers))


def test_a_line_may_have_more_of_a_class_than_a_byte_can_count():
    held = column("", "a" * 70_000, "b")
    assert held.count(held.codes == ord("a")).tolist() == [0, 70_000, 0]


def test_texts_are_found_where_they_begin():
    held = column("aab", "", "aaa\U0001f600", "b", "a")
    assert held.find("aa").tolist() == [0, 5, 6]
    assert held.find("ab").tolist() == [1]
    assert held.find("a\U0001f600").tolist() == [7]
    assert held.find("x").tolist() == held.find("ba").tolist() == []  # nor across the end of a line
    assert held.containing(["ab", "b"]).tolist() == [True, False, False, True, False]
    assert held.containing([]).tolist() == [False] * 5


@pytest.mark.parametrize("texts", [["a"], ["\0"], ["aa", "bb"], ["7_ "], ["\U0001f600\U0010ffff", "漢"]])
def test_lines_with_a_text_are_those_that_python_finds(texts: list[str]):
    lines = [*lines_of_anything(500), "7_ 7_ ", "7_", "7", "\U0001f600\U0010ffff"]
    assert column(*lines).containing(texts).tolist() == [any(text in line for text in texts) for line in lines]


def test_tables_are_looked_up_whatever_they_hold():
    held = column("ab", "", "\U0010ffff")
    codes = np.arange(CODE_POINTS, dtype=np.uint32)
    assert held.look_up(codes).tolist() == [ord("a"), ord("b"), 10, 10, 0x10FFFF, 10]
    short = np.array([0] * 98 + [7], dtype=np.uint8)  # of what lies beyond its end a table says what it says last
    assert held.look_up(short).tolist() == [0, 7, 0, 0, 7, 0] and held.look_up(short).dtype == np.uint8


def test_a_table_of_classes():
    table = table_of([(1, "a-c"), (4, r"\d"), (8, "b\U0001f600"), (16, "^\\x00-\U0010fffe")])
    assert [int(table[ord(character)]) for character in "abcd7٣\U0001f600\U0010ffff"] == [1, 9, 1, 0, 4, 4, 8, 16]
    assert len(table) == CODE_POINTS == sys.maxunicode + 1
    assert has(table[[ord("a"), ord("b"), ord("7")]], 8).tolist() == [False, True, False]


def test_every_code_point_is_in_its_place():
    characters = all_characters()
    assert len(characters) == CODE_POINTS
    for code in (0, 0x61, 0xD7FF, 0xE000, 0x1F600, 0x10FFFF):
        assert characters[code] == chr(code)
    assert set(characters[0xD800:0xE000]) == {"\0"}


@pytest.mark.parametrize("tag", ["en", "ru", "hi", "zh"])
def test_classes_are_what_expressions_match(tag: str):
    language = parse_language(tag)
    lines = lines_of_anything(500)
    held = column(*lines)
    found = held.look_up(classes(language))

    def counted(bit: int) -> list[int]:
        return held.count(has(found, bit)).tolist()

    assert counted(LETTER) == [count(LETTERS, line) for line in lines]
    assert counted(FOREIGN) == [count(foreign_letters(language), line) for line in lines]
    assert counted(DIGIT) == [sum(map(str.isdecimal, line)) for line in lines]
    assert counted(MARK) == [line.count("\u093e") for line in lines]
    assert counted(WORD) == [sum(character.isalnum() or character == "_" for character in line) for line in lines]
    assert counted(BLANK) == [line.count(" ") + 1 for line in lines]  # and the line's end
