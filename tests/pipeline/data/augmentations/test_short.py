from random import Random

import pytest

from pipeline.common.languages import parse_language
from pipeline.data.augmentations.short import shorten


@pytest.mark.parametrize(
    ("src", "trg", "pair", "expected"),
    [
        ("en", "it", ("It edits files. It is small.", "Modifica i file. È piccolo."), ("It edits files.", "Modifica i file.")),
        ("en", "zh", ("It edits files. It is small.", "它编辑文件。它很小。"), ("It edits files.", "它编辑文件。")),
        ("en", "it", ("fast editor: it is small", "editor veloce: è piccolo"), ("fast editor", "editor veloce")),
        ("en", "zh", ("fast editor, which is small", "快速编辑器，它很小"), ("fast editor", "快速编辑器")),  # noqa: RUF001
    ],
)
def test_beginnings(src: str, trg: str, pair: tuple[str, str], expected: tuple[str, str]):
    assert shorten(pair, (parse_language(src), parse_language(trg)), Random(1)) == expected


@pytest.mark.parametrize(
    "pair",
    [
        ("It edits files. It is small.", "Modifica i file, ed è piccolo."),
        ("Mr. Smith edits files", "Sig. Rossi modifica i file"),
        ("one, two", "uno, due"),
        ("a b, and much more than that, really", "una lunga introduzione che non finisce mai, e, poi"),
        ("editor of text", "editor di testo"),
        ("big editor (fast, small)", "grande editor (veloce, piccolo)"),
        (", a", ", b"),
        ("", ""),
    ],
)
def test_what_does_not_correspond_stays(pair: tuple[str, str]):
    assert shorten(pair, (parse_language("en"), parse_language("it")), Random(1)) == pair
