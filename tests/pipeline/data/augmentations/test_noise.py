import unicodedata
from random import Random

import pytest

from pipeline.common.languages import parse_language
from pipeline.data.augmentations.anchors import aligned_places
from pipeline.data.augmentations.inline_noise import insert_noise
from pipeline.data.augmentations.noise import ALPHABETS, noise_pair, visible_characters

EN_IT = (parse_language("en"), parse_language("it"))
EN_ZH = (parse_language("en"), parse_language("zh"))


def test_noise_is_the_same_on_both_sides_and_visible():
    lines = set()
    for seed in range(300):
        source, target = noise_pair(("a", "b"), EN_IT, Random(seed))
        assert source == target and source.split(" ") == source.split()
        assert all(unicodedata.category(character)[0] in "LNPS" for character in source.replace(" ", ""))
        lines.add(source)
    assert len(lines) == 300
    assert all(len(visible_characters(*alphabet)) >= 20 for alphabet in ALPHABETS)


def texts_at(pair: tuple[str, str], languages) -> list[tuple[str, str]]:
    """What follows each place on both sides."""
    return [(pair[0][source:], pair[1][target:]) for source, target in aligned_places(pair, languages)]


@pytest.mark.parametrize(
    ("languages", "pair", "following"),
    [
        (EN_IT, ("edit (Linux) 3 files", "modifica 3 file (Linux)"), [("(Linux) 3 files", "(Linux)"), ("3 files", "3 file (Linux)")]),
        (EN_IT, ("fast, small; free", "veloce, piccolo; libero"), [(" small; free", " piccolo; libero"), (" free", " libero")]),
        (EN_IT, ("fast, small and free", "veloce, piccolo, libero"), []),
        (EN_IT, ("Linux or Linux", "Linux"), []),
        (EN_IT, ("a pen in a car", "a in"), []),
        (EN_ZH, ("Use Python, now", "使用Python，现在"), [("Python, now", "Python，现在"), (" now", "现在")]),  # noqa: RUF001
        (EN_IT, ("pi is 3,14", "pi è 3,14"), [("3,14", "3,14")]),
    ],
)
def test_corresponding_places(languages, pair: tuple[str, str], following: list[tuple[str, str]]):
    assert texts_at(pair, languages) == [pair, ("", ""), *following]


@pytest.mark.parametrize(
    "pair",
    [("Use Linux 6, it is free.", "Usa Linux 6, è libero."), ("one", "uno"), ("", ""), ("e\u0301 x", "👩\u200d💻"), ("a\u2028b", "סלם a")],
)
def test_the_same_noise_is_inserted_and_nothing_else_changed(pair: tuple[str, str]):
    for seed in range(100):
        changed = insert_noise(pair, EN_IT, Random(seed))
        assert changed != pair
        added = []
        for text, original in zip(changed, pair, strict=True):
            kept = original.split()
            rest = text.split()
            for word in kept:
                rest.remove(word)
            added.append(sorted(rest))
        assert added[0] == added[1] and added[0]
