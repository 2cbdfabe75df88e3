import numpy as np
import pytest

from pipeline.clean.filters import read_filters
from pipeline.clean.rules import RULES, Side
from pipeline.common.languages import parse_language

DROPPED = [
    ("empty", "en", "it", "one", ""),
    ("too-long", "en", "it", "word " * 200, "parola " * 200),
    ("too-long", "en", "zh", "x", "字" * 400),
    ("identical", "en", "it", "Noto Sans", "noto sans"),
    ("mojibake", "en", "it", "the city", "la cittÃ€ nuova"),
    ("mojibake", "en", "it", "broken \ufffd character", "carattere rotto"),
    ("long-word", "en", "it", "x" * 90 + " a b", "y" * 90 + " c d"),
    ("length-ratio", "en", "it", "short", "una frase che va avanti senza una ragione per farlo e non finisce"),
    ("few-letters", "en", "it", "12:30 - 14:45 (17/3)", "12:30 - 14:45 (17/4)"),
    ("other-script", "en", "ru", "a friendly greeting", "druzheskoye privetstviye"),
    ("other-script", "en", "it", "это по-русски", "questo no"),
    ("addresses", "en", "it", "see http://example.org/a/very/long/path", "vedi http://example.org/a/very/long/path"),
    ("addresses", "en", "it", "<b>bold</b><i>it</i><br/> x", "<b>nero</b><i>it</i><br/> x"),
    ("numbers", "en", "it", "in 1990 and 2015 there were", "nel 1980 e 2014 c'erano"),
    ("repetition", "en", "it", "no no no no no no", "mai, poi mai"),
    ("repetition", "en", "it", "stop it right now!!!!!!!!!!!!", "ora smettila"),
]
PAIRS_ONLY = {"identical", "length-ratio", "numbers"}
KEPT = [
    ("en", "it", "hello", "ciao"),
    ("en", "it", "It costs 1,000,000.50 dollars", "Costa 1.000.000,50 dollari"),
    ("en", "it", "in the 20th century", "nel ventesimo secolo"),
    ("en", "ar", "between the years 1990 and 2015", "بين عامي ١٩٩٠ و ٢٠١٥ ميلادية"),
    ("en", "ru", "support for Linux and GTK", "поддержка Linux и GTK"),
    ("en", "zh", "This package contains the documentation of the library.", "这个软件包包含该库的文档。"),
    ("en", "ja", "This is a small test.", "これは小さなテストです。"),
    ("en", "hi", "This is a small test.", "यह एक छोटा परीक्षण है।"),
    ("en", "it", "more on this at http://example.org, and in the manual", "di più su http://example.org e nel manuale"),
]


@pytest.mark.parametrize(("rule", "src", "trg", "src_line", "trg_line"), DROPPED)
def test_what_is_dropped_and_why(rule: str, src: str, trg: str, src_line: str, trg_line: str):
    assert next(iter(reasons((src, src_line), (trg, trg_line))), None) == rule


@pytest.mark.parametrize(("src", "trg", "src_line", "trg_line"), KEPT)
def test_what_is_kept(src: str, trg: str, src_line: str, trg_line: str):
    assert reasons((src, src_line), (trg, trg_line)) == reasons((trg, trg_line), (src, src_line)) == []


@pytest.mark.parametrize(("rule", "src", "trg", "src_line", "trg_line"), DROPPED)
def test_a_line_of_monolingual_text_is_dropped_by_the_rules_that_look_at_one_line(
    rule: str, src: str, trg: str, src_line: str, trg_line: str
):
    found = {next(iter(reasons((tag, line))), None) for line, tag in ((src_line, src), (trg_line, trg))}
    assert rule in found or (rule in PAIRS_ONLY and found == {None})


@pytest.mark.parametrize(("src", "trg", "src_line", "trg_line"), KEPT)
def test_a_line_of_monolingual_text_is_kept(src: str, trg: str, src_line: str, trg_line: str):
    assert reasons((src, src_line)) == reasons((trg, trg_line)) == []


def reasons(*row: tuple[str, str]) -> list[str]:
    """The rules that drop a row of lines, each given with its language. Other lines stand around it, which must not matter."""
    languages = [parse_language(tag) for tag, _ in row]
    around = [[b"", line.strip().encode(), b"- x", b""] for _, line in row]
    sides = [Side(lines, language) for lines, language in zip(around, languages, strict=True)]
    rows = np.array([True, True, True, True])
    return [name for name, check in read_filters(None, languages).checks() if check(sides, rows)[1]]


def test_every_rule_has_a_line_that_it_drops():
    assert {rule.name for rule in RULES} == {rule for rule, *_ in DROPPED}
