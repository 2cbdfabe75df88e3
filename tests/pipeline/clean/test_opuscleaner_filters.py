"""What each filter keeps, drops and changes. The rows are made up; expected is what OpusCleaner does, but for what docstrings except."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.clean.opuscleaner.filter_file import read_filters
from pipeline.clean.opuscleaner.filters import Filter, Row, RowFilter, RowsFilter, apply_filters
from pipeline.clean.opuscleaner.table import FILTERS, REFUSED
from pipeline.common.languages import parse_language
from pipeline.common.outputs import write_json

SAME, DROPPED = "kept as it is", None
EN_IT, EN_RU, EN_ZH, EN_AR = "en it", "en ru", "en zh", "en ar"

# Filters that look at rows: name, parameters, languages, row, what is left of it.
ROWS: list[tuple[str, dict, str, Row, Row | str | None]] = [
    ("remove_empty_lines", {}, EN_IT, ("one", "uno"), SAME),
    ("remove_empty_lines", {}, EN_IT, ("one", "\u00a0\u3000 "), DROPPED),
    ("remove_empty_lines", {}, "en", ("",), DROPPED),
    ("remove_empty_lines", {}, EN_IT, ("\u200b", "x"), SAME),  # a zero-width space is something
    ("max_length", {"MAXLENGTH": 3}, EN_IT, ("a b c", "d"), SAME),
    ("max_length", {"MAXLENGTH": 3}, EN_IT, ("a", "b c d e"), DROPPED),
    ("max_length", {"MAXLENGTH": 3, "MINLENGTH": 0}, EN_IT, ("", " "), SAME),
    ("max_length", {"MAXLENGTH": "3", "MINLENGTH": 2}, EN_IT, ("a\u3000b", "c"), DROPPED),
    ("max_length", {}, "en", ("word " * 151,), DROPPED),
    ("max_word_length", {"MAXWORDLENGTH": 5}, EN_IT, ("12345 12345", "x"), SAME),
    ("max_word_length", {"MAXWORDLENGTH": 5}, EN_IT, ("x", "a 123456"), DROPPED),
    ("max_word_length", {"MAXWORDLENGTH": 5}, EN_IT, ("123\u00a0456", "x"), DROPPED),  # only blanks separate
    ("max_word_length", {"MAXWORDLENGTH": 2}, EN_IT, ("😀😀 😀😀", ""), SAME),
    ("src_trg_ratio", {"RATIO": 0.5}, EN_IT, ("a b", "a b c d"), SAME),
    ("src_trg_ratio", {"RATIO": 0.5}, EN_IT, ("a b c d e", "a b"), DROPPED),
    ("src_trg_ratio", {"RATIO": 0.5}, EN_IT, ("a", ""), DROPPED),
    ("src_trg_ratio", {"RATIO": 0}, EN_IT, ("a", "b c d e f g h i j k"), SAME),
    ("src_trg_ratio", {"RATIO": "0.5", "LOG": True}, EN_IT, ("a b", "a b c d e f g h"), SAME),
    ("src_trg_ratio", {"RATIO": 0.6, "LOG": True}, EN_IT, ("a", "a b c d e f g h"), DROPPED),
    ("opus.LengthFilter", {"min_length": 2, "max_length": 3}, EN_IT, ("a b", "c d e"), SAME),
    ("opus.LengthFilter", {"min_length": 2, "max_length": 3}, EN_IT, ("a b", "c"), DROPPED),
    ("opus.LengthFilter", {"unit": "character", "max_length": 3}, EN_IT, ("abc", "d ef"), DROPPED),
    ("opus.LengthFilter", {"pass_empty": True}, EN_IT, ("", " \u2003"), SAME),
    ("opus.LengthFilter", {"pass_empty": True}, EN_IT, ("", "x"), DROPPED),
    ("opus.AverageWordLengthFilter", {"min_length": 2, "max_length": 4}, EN_IT, ("ab abcd", "abc"), SAME),
    ("opus.AverageWordLengthFilter", {"min_length": 2, "max_length": 4}, EN_IT, ("abcde abcd", "abc"), DROPPED),
    ("opus.AverageWordLengthFilter", {"pass_empty": True}, EN_IT, ("", ""), SAME),
    ("opus.AverageWordLengthFilter", {}, EN_IT, ("", ""), DROPPED),
    ("opus.LengthRatioFilter", {"threshold": 3}, EN_IT, ("a", "b c"), SAME),
    ("opus.LengthRatioFilter", {"threshold": 3}, EN_IT, ("a", "b c d"), DROPPED),
    ("opus.LengthRatioFilter", {"threshold": 3}, EN_IT, ("", " "), SAME),
    ("opus.LengthRatioFilter", {"threshold": 3}, EN_IT, ("", "x"), DROPPED),
    ("opus.LengthRatioFilter", {"threshold": 2, "unit": "char"}, EN_IT, ("абв", "абвг"), SAME),
    ("opus.LongWordFilter", {"threshold": 4}, EN_IT, ("abc de", ""), SAME),
    ("opus.LongWordFilter", {"threshold": 4}, EN_IT, ("abc", "abcd"), DROPPED),
    ("opus.LongWordFilter", {"threshold": 4}, EN_IT, ("ab\u00a0cd", "e"), SAME),
    ("alpha_ratio", {}, EN_IT, ("a plain line, with 2 numbers", "una riga, con 2 numeri"), SAME),
    ("alpha_ratio", {}, EN_IT, ("12 34 56 78 words", "una riga"), DROPPED),
    ("alpha_ratio", {}, EN_IT, ("это не по-английски", "una riga"), DROPPED),
    ("alpha_ratio", {}, EN_RU, ("a plain line", "простая строка"), SAME),
    ("alpha_ratio", {}, EN_RU, ("a plain line", "a plain line"), DROPPED),
    ("alpha_ratio", {}, EN_AR, ("a plain line", "سَطْرٌ بَسِيطٌ"), SAME),  # its vowel signs count
    ("alpha_ratio", {"LANG2": "ar"}, EN_AR, ("a plain line", "١٢٣ ٤٥٦ ، ؟"), DROPPED),  # digits and marks of the script do not
    ("alpha_ratio", {"SRCWORDRAT": 0, "SRCALPHARAT": 0}, EN_IT, ("123", "una riga"), SAME),
    ("alpha_ratio", {"SRCWORDRAT": 0, "SRCALPHARAT": 0}, EN_IT, (" ", "una riga"), DROPPED),
    ("alpha_ratio", {"SRCALPHARAT": 1, "SRCWORDRAT": 1}, EN_IT, ("cafe\u0301", "una riga"), SAME),
    ("alpha_ratio", {}, "en", ("2024 - 12 - 31",), DROPPED),
    ("alpha_ratio", {"LANG2": "sr_Latn"}, "en sr", ("a plain line", "obična rečenica"), SAME),
    ("alpha_ratio", {"LANG2": "sr"}, "en sr", ("a plain line", "obična rečenica"), DROPPED),
    ("opus.AlphabetRatioFilter", {}, EN_ZH, ("abc d", "字字字。"), SAME),
    ("opus.AlphabetRatioFilter", {}, EN_IT, ("abc", "ab 1"), DROPPED),
    ("opus.AlphabetRatioFilter", {"exclude_whitespace": True}, EN_IT, ("a b c \u3000 d", "e"), SAME),
    ("opus.AlphabetRatioFilter", {}, EN_IT, ("", ""), SAME),
    ("opus.CharacterScoreFilter", {"scripts": ["Latin", "Cyrillic"]}, EN_RU, ("Tux 7.1!", "Текст, 5"), SAME),
    ("opus.CharacterScoreFilter", {"scripts": ["Latin", "Cyrillic"]}, EN_RU, ("Tux", "T\u0435к\u0441т"), DROPPED),  # a Latin T
    ("opus.CharacterScoreFilter", {"scripts": ["Latin", "Cyrillic"], "thresholds": [1, 0.8]}, EN_RU, ("Tux", "T\u0435к\u0441т"), SAME),
    ("opus.CharacterScoreFilter", {"scripts": ["Latin", "Han"]}, EN_ZH, ("12", "…"), SAME),
    ("num_mismatch", {}, EN_IT, ("In 1990, 3,000.50 of 007", "Nel 1990, 3.000,50 di 7"), SAME),
    ("num_mismatch", {}, EN_IT, ("12 and 13", "14 e 15"), DROPPED),
    ("num_mismatch", {}, EN_IT, ("12 and 13", "12 e 15"), DROPPED),
    ("num_mismatch", {"RATIO": 0.5}, EN_IT, ("12 and 13", "12 e 15"), SAME),
    ("num_mismatch", {"RATIO": 2}, EN_IT, ("none", "nessuno"), SAME),
    ("num_mismatch", {"RATIO": 2}, EN_IT, ("in 5", "in 5"), SAME),
    ("num_mismatch", {"RATIO": 2.5}, EN_IT, ("in 5", "in 5"), DROPPED),
    ("num_mismatch", {}, EN_IT, ("minus -3", "meno 3"), DROPPED),
    ("num_mismatch", {}, EN_IT, ("covid-19", "covid 19"), SAME),
    ("num_mismatch", {}, EN_IT, ("the 19th of B2B", "il diciannovesimo"), SAME),  # no numbers
    ("num_mismatch", {}, EN_AR, ("in 1990", "في ١٩٩٠"), SAME),
    ("num_mismatch", {}, EN_IT, ("²", "½"), SAME),
    ("url_mismatch", {}, EN_IT, ("see http://a.example/x?y=1#z.", "vedi http://a.example/x?y=1#z!"), SAME),
    ("url_mismatch", {}, EN_IT, ("see http://a.example/x", "vedi http://a.example/y"), DROPPED),
    ("url_mismatch", {}, EN_IT, ("www.a.example and www.b.example", "www.b.example e www.a.example"), DROPPED),
    ("url_mismatch", {}, EN_IT, ("One sentence.And another", "Una frase."), SAME),  # no host
    ("url_mismatch", {}, EN_IT, ("mail me@a.example", "scrivi"), DROPPED),
    ("url_mismatch", {}, EN_IT, ("at 127.0.0.1:8080", "a 127.0.0.1:8081"), DROPPED),
    ("url_mismatch", {}, EN_IT, ("version 1.2.3", "versione 1,2,3"), SAME),
    ("url_mismatch", {}, EN_ZH, ("see www.a.example", "请看www.a.example。"), SAME),
    ("currency_mismatch", {}, EN_IT, ("It costs €5 or 7 USD", "Costa 5,00 € o USD 8"), SAME),
    ("currency_mismatch", {}, EN_IT, ("It costs $5", "Costa 5 €"), DROPPED),
    ("currency_mismatch", {}, EN_IT, ("It costs 5 EUR", "Costa 5 €"), DROPPED),  # written in another way
    ("currency_mismatch", {}, EN_IT, ("$5 and €6", "€6 e $5"), DROPPED),
    ("currency_mismatch", {}, EN_IT, ("ALL 3 of them", "tutti e 3"), DROPPED),  # the code of Albania's lek
    ("currency_mismatch", {}, EN_IT, ("the 5 EURopean", "i 5 europei"), SAME),
    ("currency_mismatch", {}, EN_IT, ("no money", "niente soldi"), SAME),
    ("currency_mismatch", {"FIX": True}, EN_IT, ("It costs $5", "Costa 5 €"), ("It costs $5", "Costa 5 $")),
    ("currency_mismatch", {"FIX": True}, EN_IT, ("It costs $5", "Costa 5 EUR"), DROPPED),
    ("currency_mismatch", {"FIX": True}, EN_IT, ("CA$ 5", "US$"), DROPPED),
    ("fasttext_filter", {}, EN_IT, ("This is a sentence in English.", "Questa è una frase in italiano."), SAME),
    ("fasttext_filter", {}, EN_IT, ("This is a sentence in English.", "Dies ist ein deutscher Satz."), DROPPED),
    ("fasttext_filter", {"LANG1": "eng", "LANG2": "cmn"}, "en zh-Hant", ("This is a sentence.", "這是一個句子\uff0c用中文寫的。"), SAME),
    ("fasttext_filter", {}, EN_IT, ("This is a sentence in English.", ""), DROPPED),
    ("langid", {}, EN_IT, ("This is a sentence in English.", "Questa è una frase in italiano."), SAME),
    ("langid", {}, EN_IT, ("This is a sentence in English.", "Это предложение написано по-русски."), DROPPED),
    ("langid", {}, "en cs", ("This is a sentence in English.", "Toto je veta v slovenskom jazyku, ktorú som napísal."), SAME),
    (
        "langid",
        {"ALLOW_SIMILAR": False},
        "en cs",
        ("This is a sentence in English.", "Toto je veta v slovenskom jazyku, ktorú som napísal."),
        DROPPED,
    ),
    ("langid", {"ALLOW_UNKNOWN": False}, EN_IT, ("This is a sentence in English.", "x"), DROPPED),
    ("langid", {}, EN_IT, ("This is a sentence in English.", "x"), SAME),
    ("langid_heliport", {}, "en sr", ("This is a sentence in English.", "Ово \u0458\u0435 реченица на српском језику."), SAME),
    ("langid_heliport", {}, EN_IT, ("This is a sentence in English.", "Dies ist ein deutscher Satz."), DROPPED),
    ("langid_heliport", {}, EN_IT, ("2024", "…"), SAME),
    ("langid_heliport", {"ALLOW_NOTEXT": "false"}, EN_IT, ("2024", "…"), DROPPED),
    ("deescape_tsv", {}, EN_IT, ('"a ""b"" c"', 'x "y"'), ('a "b" c', 'x "y"')),
    ("deescape_tsv", {}, EN_IT, ('"', '""'), ('"', "")),
    ("deescape_tsv", {}, EN_IT, ("“a”", '"a'), SAME),
    ("fix_quotes", {}, EN_IT, ("“Quoted text”;", "„Anche questo“ no"), ("Quoted text", "Anche questo“ no")),
    ("fix_quotes", {}, EN_IT, ("plain text”", "'un altro"), ("plain text”", "un altro")),
    ("fix_quotes", {}, EN_IT, ("' '", "x"), ("'", "x")),
    ("fix_quotes", {}, EN_IT, ("“ ”", "x"), DROPPED),
    ("fix_sent_final_punct", {}, EN_IT, ("The end.", "La fine"), ("The end.", "La fine.")),
    ("fix_sent_final_punct", {}, EN_IT, ("The end", "La fine !"), ("The end!", "La fine!")),
    ("fix_sent_final_punct", {}, EN_IT, ("The end.", "La fine:"), ("The end.", "La fine.")),
    ("fix_sent_final_punct", {}, EN_IT, ('The "end".', 'La "fine."'), ('The "end".', 'La "fine".')),
    ("fix_sent_final_punct", {}, EN_IT, ("a test", "dei tets"), SAME),  # letters are no marks
    ("fix_sent_final_punct", {}, "en fr", ("The word.", "le « mot »."), ("The word.", "le « mot. »")),
    ("fix_sent_final_punct", {}, "fr en", ("le « mot »", "the word"), ("le « mot »", 'the word"')),
    ("fix_sent_final_punct", {}, EN_IT, ("\u2014 He said:", "\u2014 Disse."), SAME),  # direct speech
    ("fix_sent_final_punct", {}, EN_IT, ("", "La fine."), SAME),
    ("fix_sent_final_punct", {}, EN_IT, (".", "x"), (".", "x.")),
    ("fix_wiki", {}, EN_IT, ("Text[1] and text[2]", "Testo[1] e testo[2]"), SAME),
    ("fix_wiki", {}, EN_IT, ("Text[1] and text[2]", "Testo"), ("Text and text", "Testo")),
    ("fix_wiki", {"ALWAYS": True}, EN_IT, ("Text[1]", "Testo[1]"), ("Text", "Testo")),
    ("fix_wiki", {"FOOTNOTES": False}, EN_IT, ("Text[1]", "Testo"), SAME),
    ("fix_wiki", {}, EN_IT, ("see http://a.test/(x) now", "vedi ora"), ("see  now", "vedi ora")),
    ("fix_wiki", {}, EN_IT, ("a [[page|link]] and [[one]]", "un link"), ("a link and one", "un link")),
    ("fix_wiki", {}, EN_IT, ("a [[page|link]]", "un [[pagina]]"), SAME),
    ("fix_wiki", {}, EN_IT, ("==Head== text", "testo"), ("text", "testo")),
    ("fix_wiki", {}, EN_IT, ("==Head==", "testo"), DROPPED),
    ("fix_wiki", {"REMOVEEMPTYLINES": False}, EN_IT, ("==Head==", "testo"), ("", "testo")),
    ("fix_wiki", {}, EN_IT, (".mw-parser-output .x{}", "testo"), DROPPED),
    ("fix_wiki", {"CODE": False}, EN_IT, (".mw-parser-output .x{}", "testo"), SAME),
    ("opus.HtmlTagFilter", {}, EN_IT, ("a < b and c > d &lt;p&gt;", "1<2"), SAME),
    ("opus.HtmlTagFilter", {}, EN_IT, ("plain", "una <br/> riga"), DROPPED),
    ("opus.HtmlTagFilter", {}, EN_IT, ("<a href=x", "x"), SAME),
    ("opus.HtmlTagFilter", {}, EN_IT, ("text</p> <!-- note -->", "x"), SAME),
    ("opus.HtmlTagFilter", {}, EN_IT, ("<![if lt IE 9", "<![if-->"), DROPPED),
    ("opus.RegExpFilter", {"regexps": ["==+", "==+"]}, EN_IT, ("a = b", "a = b"), SAME),
    ("opus.RegExpFilter", {"regexps": ["==+", "==+"]}, EN_IT, ("a = b", "a == b"), DROPPED),
    ("opus.RegExpFilter", {"regexps": ["", r"^(?!o\s*$)"], "accept_match": True}, EN_IT, ("", "o "), DROPPED),
    ("opus.RegExpFilter", {"regexps": ["", r"^(?!o\s*$)"], "accept_match": True}, EN_IT, ("", "oh"), SAME),
    ("opus.RegExpFilter", {"regexps": [r"\p{Han}", r"\p{Cyrillic}"]}, EN_RU, ("字", "текст"), DROPPED),
    ("remove_frequent_patterns", {}, EN_IT, ("• item", "voce"), ("item", "voce")),
    ("remove_frequent_patterns", {}, EN_IT, ("item", "•voce"), ("item", "voce")),
    ("remove_frequent_patterns", {}, EN_IT, ("• item", "• voce"), SAME),
    ("remove_frequent_patterns", {}, EN_IT, (" -Hello", "- Ciao - ciao"), ("Hello", "- Ciao - ciao")),
    ("remove_frequent_patterns", {}, "en cs", ("Text", "Text (Ekumenická Bible)"), ("Text", "Text")),
    ("remove_frequent_patterns", {"PATTERN_FILE": "configs/remove_frequent_patterns.txt"}, EN_IT, ("•", ""), SAME),
    ("opus.WhitespaceNormalizer", {}, EN_IT, ("\ta\u00a0 b ", "c\u2028d"), ("a b", "c d")),
    ("opus.WhitespaceNormalizer", {}, EN_IT, ("a b", "\u200b"), SAME),
    (
        "opus.Detokenizer",
        {"languages": ["en", "it"]},
        EN_IT,
        ("It 's not , he said .", "L' uomo ( alto ) !"),
        ("It's not, he said.", "L'uomo (alto)!"),
    ),
    ("opus.Detokenizer", {"tokenizer": ["moses", "jieba"]}, EN_ZH, ("a &amp; b .", "这 是 字 。"), ("a &amp; b.", "这是字。")),
    ("opus.Tokenizer", {}, EN_IT, ("It's here, isn't it?", "L'uomo, qui."), ("It 's here , isn 't it ?", "L' uomo , qui .")),
    ("opus.Tokenizer", {}, EN_IT, ("a & c", ""), SAME),
]

# Filters that look at one column: name, parameters, its language, line, what becomes of it.
LINES: list[tuple[str, dict, str, str, str]] = [
    ("deescape-special-chars", {}, "en", "a &lt; b &amp;lt; &#91;c&#93; &bar; &apos;", "a < b &lt; [c] | '"),
    ("deescape-special-chars", {"LANG1": "other"}, "en", "R&D &nbsp; &AMP;", "R&D &nbsp; &AMP;"),
    ("deescape-special-chars", {}, "en", "&amp&lt;", "&amp<"),
    ("fix_elitr_eca", {}, "fr", "d\x8eclaration de l\u0150Union\u00d3 inter¬ national", "déclaration de l'Union' international"),
    ("fix_elitr_eca", {}, "fr", "déjà vu ¬", "déjà vu ¬"),
    ("fix_elitr_eca", {}, "fr", "financi\U0010fcd5le", "financiële"),
    ("fix_un_chinese", {}, "zh", "第一,第二\uff0c第三.", "第一\uff0c第二\uff0c第三。"),
    ("fix_un_chinese", {}, "zh", " 第一\uff0c ", "第一。"),
    ("fix_un_chinese", {}, "zh", "3.5", "3.5"),
    ("fix_un_chinese", {}, "zh", "", ""),
    ("normalize_whitespace", {}, "en", "  a \u3000 b\t", "a b"),
    ("normalize_whitespace", {"COLLAPSE": False}, "en", "  a \u3000 b\t", "a \u3000 b"),
    ("normalize_whitespace", {}, "en", "\x85\x1c", ""),
    ("detokenizer", {"LANG1": "en"}, "en", "It 's not ( yet ) &amp; so on .", "It's not (yet) & so on."),
    ("detokenizer", {"LANG1": "fr"}, "fr", "l' eau , c' est bon !", "l'eau, c'est bon !"),
    ("detokenizer", {"LANG1": "<trg>"}, "it", "un' altra , l' ultima .", "un'altra, l'ultima."),
    ("detokenizer", {"LANG1": "other"}, "en", "", ""),
    ("sed", {"PATTERN": "([a-z]) ' ([s])", "REPLACEMENT": r"\1'\2"}, "en", "the Earth ' s", "the Earth's"),
    ("sed", {"PATTERN": "x", "REPLACEMENT": "y"}, "en", "none", "none"),
    ("sed", {"PATTERN": r"\.$"}, "en", "a.b.", "a.b"),
    ("regexp", {"PATTERN": "s/(\\w+)@/<$1>/g"}, "en", "één@ deux@ 三", "<één> <deux> 三"),
    ("regexp", {"PATTERN": r"s#\{(?:[^{}]++|(?R))*+\}##g"}, "en", "a {b {c} d}e {", "a e {"),
    ("regexp", {"PATTERN": "s/x/y/; tr/a-c/A-C/"}, "en", "xx abcd", "yx ABCd"),
    ("opus.RegExpSub", {"patterns": [[r"(\d) +%", r"\1%", 0, ""]]}, "en", "5  % 6 %", "5% 6%"),
    ("opus.RegExpSub", {"patterns": [["A", "b"], ["b", "c", 1, ""]]}, "en", "aAb", "cbb"),
    ("opus.RegExpSub", {"patterns": [["\\uff0e", "。", 0, ""]]}, "zh", "完\uff0e", "完。"),
]

# Filters that look at several rows or make several.
SEVERAL: list[tuple[str, dict, str | None, list[Row], list[Row]]] = [
    (
        "split_sentences",
        {},
        None,
        [("Mr. Smith came. He saw No. 5!", "Il Dott. Rossi venne. Vide il 5!"), ("One.", "Uno."), ("A. B.", "C. Poi due. Tre.")],
        [("Mr. Smith came.", "Il Dott. Rossi venne."), ("He saw No. 5!", "Vide il 5!"), ("One.", "Uno.")],
    ),
    (
        "split_sentences",
        {"KEEPUNBALANCED": True},
        None,
        [("One. Two.", "Uno e due."), ("", ""), ("for .NET apps", "per .NET")],
        [("One. Two.", "Uno e due."), ("", ""), ("for .NET apps", "per .NET")],
    ),
    (
        "strip_suffix",
        {"MINLEN": 3, "MINOCC": 2},
        "en",
        [("a - X", "1"), ("b - X", "2"), ("c - X", "3"), ("d", "4"), ("e - X", "5")],
        [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e - X", "5")],
    ),
    ("strip_suffix", {"MINLEN": 3, "MINOCC": 3}, "en", [("a - X", "1"), ("b - X", "2")], [("a - X", "1"), ("b - X", "2")]),
    ("strip_suffix", {"MINLEN": 5, "MINOCC": 2}, "en", [("a😀字", "1"), ("b😀字", "2")], [("a😀字", "1"), ("b😀字", "2")]),
]

Configure = Callable[..., list[Filter]]


@pytest.fixture
def configure(tmp_path: Path) -> Configure:
    """The filters of a file with one entry, for columns in these languages."""

    def configured(name: str, parameters: dict, languages: str, language: str | None = None) -> list[Filter]:
        path = tmp_path / "corpus.filters.json"
        write_json(path, {"version": 1, "files": [], "filters": [{"filter": name, "parameters": parameters, "language": language}]})
        return read_filters(path, [parse_language(tag) for tag in languages.split()])

    return configured


@pytest.mark.parametrize(("name", "parameters", "languages", "row", "left"), ROWS)
def test_filters_of_rows(configure: Configure, name: str, parameters: dict, languages: str, row: Row, left: Row | str | None):
    (step,) = configure(name, parameters, languages)
    assert isinstance(step, RowFilter)
    assert step.name == name
    assert step.apply(row) == (row if left == SAME else left)


@pytest.mark.parametrize(("name", "parameters", "language", "line", "left"), LINES)
@pytest.mark.parametrize("column", [0, 1])
def test_filters_of_a_column_leave_the_other_alone(
    configure: Configure, name: str, parameters: dict, language: str, line: str, left: str, column: int
):
    languages, row, expected = ["ja"], [line], [left]
    languages.insert(column, language)
    parameters = {key: language if value == "<trg>" else value for key, value in parameters.items()}
    row.insert(1 - column, line)
    expected.insert(1 - column, line)
    (step,) = configure(name, parameters, " ".join(languages), language)
    assert isinstance(step, RowFilter)
    assert step.apply(tuple(row)) == tuple(expected)


@pytest.mark.parametrize(("name", "parameters", "language", "rows", "left"), SEVERAL)
def test_filters_of_several_rows(configure: Configure, name: str, parameters: dict, language: str | None, rows: list[Row], left: list[Row]):
    (step,) = configure(name, parameters, EN_IT, language)
    assert isinstance(step, RowsFilter)
    dropped: list[tuple[str, Row]] = []
    assert apply_filters([step], rows, lambda *reason_and_row: dropped.append(reason_and_row)) == left
    assert {reason for reason, _ in dropped} <= {name}


def test_every_filter_is_tested():
    assert {name for name, *_ in [*ROWS, *LINES, *SEVERAL]} == set(FILTERS)
    assert not FILTERS.keys() & REFUSED.keys()


def test_the_page_about_opuscleaner_names_every_filter():
    page = (Path(__file__).parents[3] / "docs/opuscleaner.md").read_text(encoding="utf-8")
    table = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    refused = {name for _, names, here, _ in table if here.startswith(" refused") for name in re.findall("`([^`]+)`", names)}
    assert refused == set(REFUSED)
    assert {name for _, names, *_ in table for name in re.findall("`([^`]+)`", names)} == {*FILTERS, *REFUSED}


def test_every_filter_that_can_drop_keeps_and_drops():
    for filter_name in {name for name, *_, left in ROWS if left is DROPPED}:
        assert any(name == filter_name and left is not DROPPED for name, *_, left in ROWS)


def test_filters_apply_in_order_and_dropped_rows_are_told(configure: Configure):
    steps = [
        *configure("normalize_whitespace", {}, EN_IT, "en"),
        *configure("remove_empty_lines", {}, EN_IT),
        *configure("split_sentences", {}, EN_IT),
        *configure("max_length", {"MAXLENGTH": 2}, EN_IT),
    ]
    rows = [(" ", "x"), ("One two. Three.", "Uno due. Tre."), ("Four. Five.", "Quattro"), ("a b c", "d")]
    dropped: list[tuple[str, Row]] = []
    kept = apply_filters(steps, rows, lambda *reason_and_row: dropped.append(reason_and_row))
    assert kept == [("One two.", "Uno due."), ("Three.", "Tre.")]
    assert dropped == [
        ("remove_empty_lines", ("", "x")),
        ("split_sentences", ("Four. Five.", "Quattro")),
        ("max_length", ("a b c", "d")),
    ]
