import pytest

from pipeline.clean.normalise import normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  two\t words \r", "two words"),
        ("a\u2028b\u0085c\u00a0d\u3000e", "a b c d e"),
        ("nul\x00byte and \x1b[1m", "nulbyte and [1m"),
        ("cafe\u0301", "caf\u00e9"),
        ("\ufeffsoft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_normalise(text: str, normal: str):
    assert normalise(text) == normal
    assert normalise(normal) == normal
