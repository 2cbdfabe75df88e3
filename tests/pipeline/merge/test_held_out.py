import pytest

from pipeline.merge.held_out import comparable


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
