# ruff: noqa: RUF001 (letters of other scripts)
from random import Random

import pytest

from pipeline.common.languages import parse_language
from pipeline.data.augmentations.punctuation import change_end


def outcomes(pair: tuple[str, str], src: str, trg: str) -> set[tuple[str, str]]:
    languages = (parse_language(src), parse_language(trg))
    return {change_end(pair, languages, Random(seed)) for seed in range(60)}


@pytest.mark.parametrize(
    ("src", "trg", "pair", "expected"),
    [
        ("en", "it", ("Hi.", "Ciao."), {("Hi", "Ciao"), ("Hi!", "Ciao!"), ("Hi?", "Ciao?")}),
        ("en", "zh", ("Hi! ", "你好！"), {("Hi", "你好"), ("Hi.", "你好。"), ("Hi?", "你好？")}),
        ("en", "el", ("Hi?", "Γεια;"), {("Hi", "Γεια"), ("Hi.", "Γεια."), ("Hi!", "Γεια!")}),
        ("ar", "en", ("مرحبا؟", "Hi?"), {("مرحبا", "Hi"), ("مرحبا.", "Hi."), ("مرحبا!", "Hi!")}),
        ("en", "hi", ("Hi.", "नमस्ते।"), {("Hi", "नमस्ते"), ("Hi!", "नमस्ते!"), ("Hi?", "नमस्ते?")}),
        ("en", "hy", ("Hi.", "Բարեւ։"), {("Hi", "Բարեւ")}),
        ("fr", "en", ("Quoi\u00a0?", "What?"), {("Quoi", "What"), ("Quoi.", "What."), ("Quoi!", "What!")}),
    ],
)
def test_the_mark_goes_or_another_comes_on_both_sides(src: str, trg: str, pair: tuple[str, str], expected: set[tuple[str, str]]):
    assert outcomes(pair, src, trg) == expected


@pytest.mark.parametrize(
    "pair",
    [
        ("Hi", "Ciao."),
        ("Hi.", "Ciao!"),
        ("Hi...", "Ciao..."),
        ("Hi?!", "Ciao?!"),
        ("Hi….", "Ciao."),
        (".", "."),
        ("?", "Ciao?"),
        ("", ""),
        ("a;", "b;"),
        ("x.\u200f", "y."),
    ],
)
def test_all_other_pairs_stay(pair: tuple[str, str]):
    assert outcomes(pair, "en", "it") == {pair}
