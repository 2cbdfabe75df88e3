import random
import sys
import unicodedata

import pytest

from pipeline.clean.normalise import REWRITINGS, Normaliser
from pipeline.common.columns import Column
from pipeline.common.languages import parse_language

CASES = [
    ("it", "  two\t words \r", "two words"),
    ("it", "a\u2028b\u0085c\u00a0d\u3000e", "a b c d e"),
    ("it", "nul\x00byte and \x1b[1m", "nulbyte and [1m"),
    ("it", "cafe\u0301", "caf\u00e9"),
    ("it", "\ufeffsoft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
    ("fa", "\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ("ko", "\u1112\u1161\u11ab", "\ud55c"),
    ("it", "plain", "plain"),
    ("it", "", ""),
    ("it", "la citt\u00c3\u00a0 \u00c3\u00a8 bella", "la citt\u00e0 \u00e8 bella"),
    ("ru", "\u00d0\u0178\u00d1\u20ac\u00d0\u00b8\u00d0\u00b2\u00d0\u00b5\u00d1\u201a", "\u041f\u0440\u0438\u0432\u0435\u0442"),
    ("it", "perch\u00e9 \u00e8 cos\u00ec", "perch\u00e9 \u00e8 cos\u00ec"),
    ("en", "fish &amp; chips &#39;n&#39; &quot;peas&quot; &c; & more", "fish & chips 'n' \"peas\" &c; & more"),
    ("en", "\u00abquoted\u00bb \u2039so\u203a", "\"quoted\" 'so'"),
    ("en", "\u201cquoted\u201d it\u2019s", "\u201cquoted\u201d it\u2019s"),
    ("fr", "\u00abquoted\u00bb ``so''", '\u00abquoted\u00bb "so"'),
    ("en", "what\uff1f no\u3002", "what? no."),
    ("ja", "\u4f55\uff1f\u300c\u5426\u300d\u3002", "\u4f55\uff1f\u300c\u5426\u300d\u3002"),
    ("ar", "\u0645\u0627\u0630\u0627\u061f", "\u0645\u0627\u0630\u0627\u061f"),
    ("it", "cosa\u061f", "cosa?"),
]


@pytest.mark.parametrize(("language", "text", "normal"), CASES)
def test_normalise(language: str, text: str, normal: str):
    normaliser = Normaliser(parse_language(language))
    assert normaliser.normalise(text) == normal
    assert normaliser.normalise(normal) == normal
    assert normaliser.lines([b"", text.encode(), b"x"]) == [b"", normal.encode(), b"x"]


def test_a_rewriting_that_is_off_leaves_its_text():
    for name, text in (
        ("encoding", "perch\u00c3\u00a9"),
        ("entities", "a &amp; b"),
        ("quotes", "``a''"),
        ("punctuation", "a\uff1f"),
        ("characters", "a  b"),
    ):
        language = parse_language("en")
        assert Normaliser(language).lines([text.encode()]) != [text.encode()]
        assert Normaliser(language, set(REWRITINGS) - {name}).lines([text.encode()]) == [text.encode()]


@pytest.mark.parametrize("language", ["it", "ja", "ar", "hi", "ko"])
def test_no_line_that_would_change_is_passed_over(language: str):
    generator = random.Random(1)
    characters = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    usual = "ab c'`\"&\u00c3\u00a0\u00e9\u20ac \u0301\u1161\u09be\u2028"

    def text() -> str:
        drawn = (generator.choice(characters if generator.random() < 0.5 else usual) for _ in range(generator.randint(0, 6)))
        return "".join(drawn).replace("\n", " ")

    normaliser = Normaliser(parse_language(language))
    texts = [*characters, *(text() for _ in range(20_000))]
    texts.remove("\n")
    suspects = normaliser.suspects(Column([text.encode() for text in texts])).tolist()
    passed_over = [text for text, suspect in zip(texts, suspects, strict=True) if not suspect and normaliser.normalise(text) != text]
    assert passed_over == []
    assert suspects.count(False) > 10_000


def test_bytes_that_are_not_utf8_are_marked():
    assert Normaliser(parse_language("en")).lines([b"caf\xe9 noir", b"tea"]) == ["caf\ufffd noir".encode(), b"tea"]
