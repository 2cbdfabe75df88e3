import random
import sys
import unicodedata
from pathlib import Path

import pytest

from pipeline.common.lines import write_lines
from pipeline.common.texts import Text
from pipeline.merge.held_out import HeldOut, comparable, signatures


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello, World!", "hello world"),
        ("\uff26\uff35\uff2c\uff2c width", "full width"),
        ("Straße", "STRASSE"),
        ("«Ça va ?»", "ça va?"),
        ("cafe\u0301", "caf\u00e9"),
        ("tab\tand\u2028break", "tab and break"),
    ],
)
def test_the_same_for_a_model(one: str, other: str):
    assert comparable(one) == comparable(other) != ""


@pytest.mark.parametrize(("one", "other"), [("C++", "C"), ("perché", "perche"), ("हिन्दी", "हनद"), ("1.5", "16")])
def test_not_the_same(one: str, other: str):
    assert comparable(one) != comparable(other)


def test_lines_with_one_comparable_form_have_one_signature():
    """For every character alone, and for lines of random characters as they may be written."""
    characters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000 and chr(code) != "\n"]
    generator = random.Random(1)
    assigned = [character for character in characters if unicodedata.category(character) not in ("Cn", "Co")]
    marked = ["é", "한", "İ", "ﬁ", "ẞ", "ͅ", "ᾳ", "Ω", "q̣̇", "q̣̇"]

    def line() -> str:
        return "".join(generator.choice(marked if generator.random() < 0.3 else assigned) for _ in range(8)).replace("\n", "")

    texts = [*characters, *(line() for _ in range(20_000))]
    signed, of_forms = (signatures(Text.of_lines([text.encode() for text in each])) for each in (texts, map(comparable, texts)))
    assert [text for text, one, other in zip(texts, signed, of_forms, strict=True) if one != other] == []
    assert len(set(of_forms.tolist())) > 100_000


def test_lines_held_out_on_either_side(tmp_path: Path):
    write_lines(tmp_path / "held" / "a.en", ["The Line", "", "x"])
    write_lines(tmp_path / "held" / "a.it", ["La Riga", "y", "!"])
    held_out = HeldOut([tmp_path / "held"], "en", "it")
    rows = [("the line", "z"), ("line the", "z"), ("q", "¡LA\u2028RIGA!"), ("la riga", "the line"), ("q", "q"), ("q", "..."), ("", "q")]
    block = tuple(Text.of_lines([line.encode() for line in side]) for side in zip(*rows, strict=True))
    assert held_out.leaked(block).tolist() == [True, False, True, False, False, True, True]
    assert HeldOut([], "en", "it").leaked(block).tolist() == [False] * 7


def test_a_held_out_line_is_found_as_cleaning_rewrites_it(tmp_path: Path):
    """A test set has it as it came, the training data as it was cleaned, or uncleaned."""
    held, languages = ["It&apos;s of Smith &amp; Sons.", "``This is it,'' he said", "I don\u00b4t know"], ("en", "de")
    write_lines(tmp_path / "held" / "a.en", held)
    write_lines(tmp_path / "held" / "a.de", ["Die Firma Smith & SÃ¶hne", "«Das ist es»", "z"])
    rewritten = [("It's of Smith & Sons.", "x"), ('"This is it," he said', "x"), ("x", "Die Firma Smith & Söhne")]
    trained = [*rewritten, (held[0], "x"), ("I don`t know", "y"), ("x", "y")]
    block = tuple(Text.of_lines([line.encode() for line in side]) for side in zip(*trained, strict=True))
    assert HeldOut([tmp_path / "held"], *languages).leaked(block).tolist() == [True, True, True, True, True, False]
